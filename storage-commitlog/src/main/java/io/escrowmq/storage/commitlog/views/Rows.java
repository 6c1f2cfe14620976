package io.escrowmq.storage.commitlog.views;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Changes of the database that are applied together. One thread. */
final class Rows implements RowSink, AutoCloseable {

  private final ViewStore store;
  private final WriteBatch batch = new WriteBatch();

  Rows(ViewStore store) {
    this.store = store;
  }

  @Override
  public void put(ViewFamily family, byte[] key, byte[] value) {
    try {
      batch.put(store.family(family), key, value);
    } catch (RocksDBException e) {
      throw new IllegalStateException("collecting a row of " + family, e);
    }
  }

  void delete(ViewFamily family, byte[] key) {
    try {
      batch.delete(store.family(family), key);
    } catch (RocksDBException e) {
      throw new IllegalStateException("collecting a deletion in " + family, e);
    }
  }

  /** Deletes all keys from the first (inclusive) to the second (exclusive). */
  void deleteRange(ViewFamily family, byte[] from, byte[] to) {
    try {
      batch.deleteRange(store.family(family), from, to);
    } catch (RocksDBException e) {
      throw new IllegalStateException("collecting a deletion in " + family, e);
    }
  }

  boolean isEmpty() {
    return batch.count() == 0;
  }

  long sizeBytes() {
    return batch.getDataSize();
  }

  /** Applies what was collected and starts anew. */
  void write() {
    if (!isEmpty()) {
      store.write(batch);
      batch.clear();
    }
  }

  @Override
  public void close() {
    batch.close();
  }
}
