package io.escrowmq.spi.storage.testkit;

import org.junit.jupiter.api.Nested;

/** A durable engine of a few hundred lines passes every suite. */
class JournalStorageTest {

  private static final EngineUnderTest ENGINE = new JournalEngine(JournalDefect.NONE);

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

  @Nested
  class Trim extends TrimContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Retention extends RetentionContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Limits extends LimitsContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Listener extends ListenerContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Ownership extends OwnershipContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Restart extends RestartContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Concurrency extends ConcurrencyContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Health extends HealthContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Model extends ModelContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class Crash extends CrashContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class TornWrite extends TornWriteContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }

  @Nested
  class DiskFault extends DiskFaultContract {
    @Override
    protected EngineUnderTest engine() {
      return ENGINE;
    }
  }
}
