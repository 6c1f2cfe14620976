/**
 * The engine {@code rocksdb}: everything inside one embedded RocksDB database.
 *
 * <p>Start at {@link io.escrowmq.storage.rocksdb.Engine}, which puts the parts together. A write
 * goes through {@link io.escrowmq.storage.rocksdb.Intake} (the caller's half: check and copy) to
 * the one thread of {@link io.escrowmq.storage.rocksdb.Committer}, which decides batches in order
 * against {@link io.escrowmq.storage.rocksdb.Changes}, collects what they change in a {@link
 * io.escrowmq.storage.rocksdb.BatchBuffer}, and gives the library one serialized batch per group,
 * synced as the durability wants. Readers look only into the database ({@link
 * io.escrowmq.storage.rocksdb.Database}, the one owner of native objects), so that they see whole
 * groups or nothing of them. Messages live in buckets ({@link io.escrowmq.storage.rocksdb.Bucket}),
 * one column family each, which {@link io.escrowmq.storage.rocksdb.Retention} drops whole. The key
 * layouts are in {@code docs/formats/rocksdb.md}.
 */
@NullMarked
package io.escrowmq.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
