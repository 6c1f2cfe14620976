package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import java.nio.file.Path;
import java.util.Map;

/** The engine on PostgreSQL as the contract kit sees it. */
record PostgresEngine() implements EngineUnderTest {

  @Override
  public StorageProvider provider() {
    return new JdbcStorageProvider();
  }

  @Override
  public Map<String, String> options(Path directory) {
    return Map.of(
        "url",
        PostgresServer.urlFor(directory),
        "own-timeout-ms",
        "3000",
        "retention-interval-ms",
        "0",
        // Small, so that reads come from memory, from the database, and from one after the other.
        "tail-cache-bytes",
        "4096");
  }
}
