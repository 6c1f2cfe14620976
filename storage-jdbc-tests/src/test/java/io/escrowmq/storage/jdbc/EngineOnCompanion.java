package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;

/** The engine on a database whose URL comes from a companion. */
record EngineOnCompanion() implements EngineUnderTest {
  @Override
  public StorageProvider provider() {
    return new JdbcStorageProvider();
  }
}
