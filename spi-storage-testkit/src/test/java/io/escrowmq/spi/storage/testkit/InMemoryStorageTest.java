package io.escrowmq.spi.storage.testkit;

import org.junit.jupiter.api.Nested;

/** The reference engine passes every suite. */
class InMemoryStorageTest {

  private static final EngineUnderTest ENGINE = new MemoryEngine();

  @Nested
  class Append extends AppendContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }
}
