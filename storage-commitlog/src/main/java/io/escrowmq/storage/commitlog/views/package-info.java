/**
 * What the log means: queues, holds, tables and the key index, kept in one embedded RocksDB whose
 * only owner is {@code ViewStore}.
 *
 * <p>Start at {@code Views}: it applies the {@code Effect}s of decided frames and writes
 * checkpoints. Everything here can be rebuilt from the log; the database is flushed only at a
 * checkpoint, so that on disk it always equals the log up to exactly one position.
 */
@NullMarked
package io.escrowmq.storage.commitlog.views;

import org.jspecify.annotations.NullMarked;
