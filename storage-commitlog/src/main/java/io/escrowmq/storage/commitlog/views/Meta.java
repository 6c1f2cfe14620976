package io.escrowmq.storage.commitlog.views;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/** Single values of the database, by name. Stateless. */
final class Meta {

  /** Log position that the database reflects. */
  static final String POSITION = "position";

  /** Store time of the last frame applied. */
  static final String STORE_TIME = "store-time";

  /** Number of the store that the database belongs to. */
  static final String STORE_ID = "store-id";

  private Meta() {}

  static byte[] key(String name) {
    return name.getBytes(UTF_8);
  }

  static String name(byte[] key) {
    return new String(key, UTF_8);
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  static long number(ViewStore store, String name, long ifAbsent) {
    byte[] value = store.get(ViewFamily.META, key(name));
    return value == null ? ifAbsent : ByteBuffer.wrap(value).getLong();
  }
}
