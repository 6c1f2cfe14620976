package io.escrowmq.storage.rocksdb;

import org.rocksdb.RocksDBException;

/** Where a group of batches goes. One thread. */
@FunctionalInterface
interface GroupSink {

  /**
   * Applies a group atomically.
   *
   * @param serialized a write batch in the library's own format
   * @param sync whether it must be on the device when this returns
   */
  void write(byte[] serialized, boolean sync) throws RocksDBException;
}
