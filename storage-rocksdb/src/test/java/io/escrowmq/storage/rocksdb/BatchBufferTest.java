package io.escrowmq.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** The serialized form is the library's own. */
class BatchBufferTest {

  static {
    RocksDB.loadLibrary();
  }

  @TempDir Path directory;

  @Test
  void bytesAreWhatTheLibraryWouldWrite() throws RocksDBException {
    long seed = 20_261_123;
    Random random = new Random(seed);
    try (RocksDB rocks = RocksDB.open(directory.toString());
        ColumnFamilyHandle family =
            rocks.createColumnFamily(
                new ColumnFamilyDescriptor("other".getBytes(StandardCharsets.UTF_8)));
        WriteBatch expected = new WriteBatch()) {
      BatchBuffer buffer = new BatchBuffer();
      for (int round = 0; round < 3; round++) {
        expected.clear();
        for (int i = 0; i < 400; i++) {
          byte[] key = bytes(random, 1 + random.nextInt(300));
          byte[] value = bytes(random, random.nextInt(i % 50 == 0 ? 100_000 : 400));
          switch (random.nextInt(4)) {
            case 0 -> {
              expected.put(family, key, value);
              buffer.put(family.getID(), key, value);
            }
            case 1 -> {
              expected.put(family, key, value);
              ByteBuffer shown = buffer.put(family.getID(), key, ByteBuffer.wrap(value));
              assertThat(shown).isEqualTo(ByteBuffer.wrap(value));
            }
            case 2 -> {
              expected.put(family, key, new byte[0]);
              buffer.mark(family.getID(), key);
            }
            default -> {
              expected.delete(family, key);
              buffer.delete(family.getID(), key);
            }
          }
        }
        assertThat(buffer.isEmpty()).isFalse();
        assertThat(buffer.take()).as("seed %s", seed).isEqualTo(expected.data());
        assertThat(buffer.isEmpty()).isTrue();
      }
    }
  }

  @Test
  void aValueCanBeStampedInPlace() {
    BatchBuffer buffer = new BatchBuffer();
    ByteBuffer shown = buffer.put(3, new byte[] {1}, ByteBuffer.allocate(8));
    shown.putLong(0, 0x0102030405060708L);
    assertThat(buffer.take()).endsWith(1, 2, 3, 4, 5, 6, 7, 8);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
