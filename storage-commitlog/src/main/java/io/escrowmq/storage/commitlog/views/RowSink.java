package io.escrowmq.storage.commitlog.views;

/** Takes rows for the database. */
interface RowSink {

  /** The value of a row that has none. */
  byte[] NOTHING = new byte[0];

  void put(ViewFamily family, byte[] key, byte[] value);

  /** Puts a row without a value. */
  default void mark(ViewFamily family, byte[] key) {
    put(family, key, NOTHING);
  }
}
