package io.escrowmq.spi.storage.testkit;

import org.junit.jupiter.api.Nested;

/**
 * Every suite of the kit, for one engine: extend it, and name the engine. A suite that is added
 * here is at once a duty of all engines.
 */
public abstract class WholeContract {

  /** The engine that has to pass. Called for every test. */
  protected abstract EngineUnderTest engine();

  @Nested
  class Append extends AppendContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Atomicity extends AtomicityContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Concurrency extends ConcurrencyContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Copy extends CopyContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Crash extends CrashContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class DiskFault extends DiskFaultContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Health extends HealthContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Hold extends HoldContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class HoldOrder extends HoldOrderContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Index extends IndexContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Limits extends LimitsContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Listener extends ListenerContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class ManyQueues extends ManyQueuesContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Model extends ModelContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Ownership extends OwnershipContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Precondition extends PreconditionContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Read extends ReadContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Restart extends RestartContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Retention extends RetentionContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Survival extends SurvivalContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Table extends TableContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class TimeLookup extends TimeLookupContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class TornWrite extends TornWriteContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }

  @Nested
  class Trim extends TrimContract {
    @Override
    protected EngineUnderTest engine() {
      return WholeContract.this.engine();
    }
  }
}
