/**
 * Care for what RocksDB leaves to its users: its native part, and damage that it cannot read. Both
 * engines that embed it begin here. Start with {@link io.escrowmq.rocksdb.files.EndlessRecords}.
 */
@NullMarked
package io.escrowmq.rocksdb.files;

import org.jspecify.annotations.NullMarked;
