package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.AppendContract;
import io.escrowmq.spi.storage.testkit.AtomicityContract;
import io.escrowmq.spi.storage.testkit.ConcurrencyContract;
import io.escrowmq.spi.storage.testkit.CrashContract;
import io.escrowmq.spi.storage.testkit.DiskFaultContract;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.HealthContract;
import io.escrowmq.spi.storage.testkit.HoldContract;
import io.escrowmq.spi.storage.testkit.HoldOrderContract;
import io.escrowmq.spi.storage.testkit.IndexContract;
import io.escrowmq.spi.storage.testkit.LimitsContract;
import io.escrowmq.spi.storage.testkit.ListenerContract;
import io.escrowmq.spi.storage.testkit.ManyQueuesContract;
import io.escrowmq.spi.storage.testkit.ModelContract;
import io.escrowmq.spi.storage.testkit.OwnershipContract;
import io.escrowmq.spi.storage.testkit.PreconditionContract;
import io.escrowmq.spi.storage.testkit.ReadContract;
import io.escrowmq.spi.storage.testkit.RestartContract;
import io.escrowmq.spi.storage.testkit.RetentionContract;
import io.escrowmq.spi.storage.testkit.TableContract;
import io.escrowmq.spi.storage.testkit.TimeLookupContract;
import io.escrowmq.spi.storage.testkit.TornWriteContract;
import io.escrowmq.spi.storage.testkit.TrimContract;
import org.junit.jupiter.api.Nested;

/** The engine on PostgreSQL passes every suite of the contract kit. */
class PostgresContractTest {

  private static final EngineUnderTest ENGINE = new PostgresEngine();

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
  class Concurrency extends ConcurrencyContract {
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
  class Health extends HealthContract {
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
  class Index extends IndexContract {
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
  class ManyQueues extends ManyQueuesContract {
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
  class Ownership extends OwnershipContract {
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
  class Read extends ReadContract {
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
  class Retention extends RetentionContract {
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
  class TimeLookup extends TimeLookupContract {
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
  class DiskFault extends DiskFaultContract {
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
}
