package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The commitlog as the contract kit sees it: small segments and frequent checkpoints. */
record CommitLogEngine() implements EngineUnderTest {

  static final long SEGMENT_BYTES = 256 * 1024;

  @Override
  public StorageProvider provider() {
    return new CommitLogStorageProvider();
  }

  @Override
  public Map<String, String> options(Path directory) {
    return Map.of(
        "segment-bytes",
        Long.toString(SEGMENT_BYTES),
        "ring-bytes",
        Integer.toString(8 * 1024 * 1024),
        "checkpoint-log-bytes",
        Integer.toString(1024 * 1024),
        "disk-expire-percent",
        "101",
        "disk-refuse-segment-percent",
        "101",
        "disk-read-only-percent",
        "101");
  }

  @Override
  public boolean writesThroughDisk() {
    return true;
  }

  @Override
  public long retentionSlackBytes() {
    return 2 * SEGMENT_BYTES;
  }

  @Override
  public List<Path> logFiles(Path directory) {
    try (Stream<Path> files = Files.list(directory.resolve("log"))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
