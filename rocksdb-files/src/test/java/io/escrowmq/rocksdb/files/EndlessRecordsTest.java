package io.escrowmq.rocksdb.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.rocksdb.files.EndlessRecords.Found;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which bytes are such a record, and which are not; the engines' tests open what was defused. */
class EndlessRecordsTest {

  private static final int BLOCK = 32 * 1024;
  private static final int HEADER = 7;
  private static final int FULL = 1;

  @TempDir Path directory;
  private Path log;
  private ByteBuffer content;

  @BeforeEach
  void prepare() {
    log = directory.resolve("000007.log");
    content = ByteBuffer.allocate(3 * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void intactRecordsAreNone() throws IOException {
    record(FULL, 100, true);
    record(FULL, 0, true);
    record(FULL, BLOCK - 114 - 7 - 5, true);
    content.position(BLOCK); // five bytes are too few for a header
    record(FULL, 10, true);
    write();
    assertThat(find()).isEmpty();
  }

  @Test
  void oneAfterIntactRecordsIsFound() throws IOException {
    record(FULL, 100, true);
    int at = content.position();
    record(8, 20, true);
    write();
    assertThat(find()).containsExactly(new Found(log, at + 6, 8));
  }

  @Test
  void eachBlockIsLookedAt() throws IOException {
    record(5, 1, true);
    content.position(2 * BLOCK);
    record(131, 1, false);
    write();
    assertThat(find()).containsExactly(new Found(log, 6, 5), new Found(log, 2 * BLOCK + 6, 131));
  }

  @Test
  void whatComesAfterDamageInABlockIsNeverReached() throws IOException {
    record(FULL, 100, false);
    record(5, 20, true);
    write();
    assertThat(find()).isEmpty();
  }

  @Test
  void aLengthBeyondTheBlockEndsIt() throws IOException {
    content.putInt(1).putShort((short) 0xFFFF).put((byte) FULL);
    record(5, 20, true);
    write();
    assertThat(find()).isEmpty();
  }

  @Test
  void onlyLogsAndManifestsAreLookedAt() throws IOException {
    record(5, 20, true);
    log = directory.resolve("000008.sst");
    write();
    assertThat(find()).isEmpty();
    log = directory.resolve("MANIFEST-000009");
    write();
    assertThat(find()).hasSize(1);
  }

  @Test
  void defusingChangesOneByte() throws IOException {
    record(FULL, 100, true);
    int at = content.position();
    record(6, 20, true);
    write();
    byte[] before = Files.readAllBytes(log);
    new EndlessRecords(directory).defuse();
    before[at + 6] = 127;
    assertThat(log).hasBinaryContent(before);
    assertThat(find()).isEmpty();
  }

  @Test
  void aStoreThatAnotherProcessHasOpenIsLeftAlone() throws Exception {
    record(6, 20, true);
    write();
    byte[] before = Files.readAllBytes(log);
    Path lock = Files.createFile(directory.resolve("LOCK"));
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                lock.toString())
            .start();
    try {
      assertThat(holder.getInputStream().read()).isEqualTo('L');
      new EndlessRecords(directory).defuse();
      assertThat(log).hasBinaryContent(before);
    } finally {
      holder.destroyForcibly().waitFor();
    }
    new EndlessRecords(directory).defuse();
    assertThat(find()).isEmpty();
  }

  @Test
  void noDirectoryIsNoDamage() throws IOException {
    new EndlessRecords(directory.resolve("none")).defuse();
    assertThat(directory).isEmptyDirectory();
  }

  /** Locks a file as a database does, says so, and waits to be killed. */
  static final class LockHolder {
    private LockHolder() {}

    /** The file's name is the only argument. */
    public static void main(String[] args) throws IOException {
      try (RandomAccessFile file = new RandomAccessFile(args[0], "rw");
          FileChannel channel = file.getChannel();
          FileLock lock = channel.lock()) {
        System.out.print(lock.isValid() ? 'L' : 'x');
        System.out.flush();
        int _ = System.in.read();
      }
    }
  }

  private void record(int type, int length, boolean intact) {
    int at = content.position();
    content.position(at + HEADER + length);
    content.putShort(at + 4, (short) length).put(at + 6, (byte) type);
    CRC32C crc = new CRC32C();
    crc.update(content.slice(at + 6, length + 1));
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    content.putInt(at, intact ? masked : ~masked);
  }

  private void write() throws IOException {
    Files.write(log, java.util.Arrays.copyOf(content.array(), content.position()));
  }

  private java.util.List<Found> find() throws IOException {
    return new EndlessRecords(directory).find();
  }
}
