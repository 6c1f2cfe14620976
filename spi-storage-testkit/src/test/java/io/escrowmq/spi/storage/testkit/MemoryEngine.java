package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.StorageProvider;

/** The reference engine as the kit sees it. */
record MemoryEngine() implements EngineUnderTest {

  @Override
  public StorageProvider provider() {
    return new InMemoryStorageProvider();
  }

  @Override
  public boolean persistent() {
    return false;
  }
}
