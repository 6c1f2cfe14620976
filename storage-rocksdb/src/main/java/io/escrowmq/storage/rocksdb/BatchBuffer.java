package io.escrowmq.storage.rocksdb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Collects changes in the format in which RocksDB keeps a write batch, so that a group crosses JNI
 * once instead of once per row. Not thread-safe.
 *
 * <p>The format (RocksDB, {@code write_batch.cc}): sequence (8 bytes, zero), count (4 bytes, little
 * endian), then per record a tag, the column family, the key and for a put the value; numbers and
 * lengths are little-endian base-128.
 */
final class BatchBuffer {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int COUNT_AT = 8;
  private static final int HEADER_BYTES = 12;
  private static final byte PUT = 0x05;
  private static final byte DELETE = 0x04;
  private static final int MAX_VARINT_BYTES = 5;
  private static final int RECORD_OVERHEAD = 1 + 3 * MAX_VARINT_BYTES;
  private static final int INITIAL_BYTES = 1 << 20;

  /** A buffer that grew beyond this is not kept. */
  private static final int KEPT_BYTES = 16 << 20;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int size = HEADER_BYTES;
  private int count;

  /** Puts a row. */
  void put(int family, byte[] key, byte[] value) {
    begin(PUT, family, key, value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  /** Puts a row without a value. */
  void mark(int family, byte[] key) {
    begin(PUT, family, key, 0);
  }

  /** Puts a row and shows its value in place, valid until the next call. */
  ByteBuffer put(int family, byte[] key, ByteBuffer value) {
    int length = value.remaining();
    begin(PUT, family, key, length);
    value.get(bytes, size, length);
    size += length;
    return ByteBuffer.wrap(bytes, size - length, length).slice();
  }

  /** Deletes a row. */
  void delete(int family, byte[] key) {
    ensure(RECORD_OVERHEAD + key.length);
    bytes[size++] = DELETE;
    varint(family);
    key(key);
    count++;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int sizeBytes() {
    return size;
  }

  /** The serialized batch; this one starts anew. */
  byte[] take() {
    INT.set(bytes, COUNT_AT, count);
    byte[] taken = Arrays.copyOf(bytes, size);
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[INITIAL_BYTES];
    }
    size = HEADER_BYTES;
    count = 0;
    return taken;
  }

  private void begin(byte tag, int family, byte[] key, int valueLength) {
    ensure(RECORD_OVERHEAD + key.length + valueLength);
    bytes[size++] = tag;
    varint(family);
    key(key);
    varint(valueLength);
    count++;
  }

  private void key(byte[] key) {
    varint(key.length);
    System.arraycopy(key, 0, bytes, size, key.length);
    size += key.length;
  }

  private void varint(int value) {
    int left = value;
    while ((left & ~0x7F) != 0) {
      bytes[size++] = (byte) (left & 0x7F | 0x80);
      left >>>= 7;
    }
    bytes[size++] = (byte) left;
  }

  private void ensure(int more) {
    int needed = Math.addExact(size, more);
    if (needed > bytes.length) {
      long doubled = Math.min(2L * bytes.length, Integer.MAX_VALUE - 8);
      bytes = Arrays.copyOf(bytes, (int) Math.max(needed, doubled));
    }
  }
}
