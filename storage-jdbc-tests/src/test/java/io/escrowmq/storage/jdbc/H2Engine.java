package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import java.nio.file.Path;
import java.util.Map;

/** The engine on H2, in a file, as the contract kit sees it. */
record H2Engine() implements EngineUnderTest {

  @Override
  public StorageProvider provider() {
    return new JdbcStorageProvider();
  }

  @Override
  public Map<String, String> options(Path directory) {
    return Map.of(
        "url",
        "jdbc:h2:file:" + directory.toAbsolutePath().resolve("database"),
        "retention-interval-ms",
        "0");
  }
}
