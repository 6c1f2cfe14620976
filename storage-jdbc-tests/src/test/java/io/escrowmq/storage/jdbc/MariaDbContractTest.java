package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.WholeContract;
import org.junit.jupiter.api.Tag;

/** The engine on MariaDB passes every suite of the contract kit. */
@Tag("mariadb")
class MariaDbContractTest extends WholeContract {

  @Override
  protected EngineUnderTest engine() {
    return new MariaDbEngine();
  }
}
