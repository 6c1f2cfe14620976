package io.escrowmq.storage.rocksdb;

/** Sees one row of a scan; false ends it. */
@FunctionalInterface
interface RowVisitor {
  boolean row(byte[] key, byte[] value);
}
