package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import java.nio.file.Path;
import java.util.Map;

/** The engine on MariaDB as the contract kit sees it. */
record MariaDbEngine() implements EngineUnderTest {

  @Override
  public StorageProvider provider() {
    return new JdbcStorageProvider();
  }

  @Override
  public Map<String, String> options(Path directory) {
    return Map.of(
        "url",
        MariaDbServer.urlFor(directory),
        "own-timeout-ms",
        "3000",
        "retention-interval-ms",
        "0");
  }
}
