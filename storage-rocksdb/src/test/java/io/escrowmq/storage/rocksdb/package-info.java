/** Tests of the RocksDB engine: the contract kit first, then what only this engine has. */
@NullMarked
package io.escrowmq.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
