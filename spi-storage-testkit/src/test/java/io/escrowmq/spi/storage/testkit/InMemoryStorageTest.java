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

  @Nested
  class Atomicity extends AtomicityContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Precondition extends PreconditionContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Hold extends HoldContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class HoldOrder extends HoldOrderContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Table extends TableContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Read extends ReadContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class TimeLookup extends TimeLookupContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Index extends IndexContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }
}
