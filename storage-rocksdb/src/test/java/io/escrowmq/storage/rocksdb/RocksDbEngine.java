package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import java.nio.file.Path;
import java.util.Map;

/** RocksDB as the contract kit sees it: small buckets and little memory. */
record RocksDbEngine() implements EngineUnderTest {

  static final long BUCKET_BYTES = 512 * 1024;

  @Override
  public StorageProvider provider() {
    return new RocksDbStorageProvider();
  }

  @Override
  public Map<String, String> options(Path directory) {
    return Map.of(
        "bucket-bytes",
        Long.toString(BUCKET_BYTES),
        "bucket-ms",
        "3600000",
        "memory-bytes",
        Integer.toString(32 * 1024 * 1024),
        "disk-expire-percent",
        "101",
        "disk-read-only-percent",
        "101");
  }

  @Override
  public long retentionSlackBytes() {
    return 2 * BUCKET_BYTES;
  }
}
