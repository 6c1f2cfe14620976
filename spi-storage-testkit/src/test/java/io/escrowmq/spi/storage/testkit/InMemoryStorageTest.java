package io.escrowmq.spi.storage.testkit;

/** The reference engine passes every suite. */
class InMemoryStorageTest extends WholeContract {

  @Override
  protected EngineUnderTest engine() {
    return new MemoryEngine();
  }
}
