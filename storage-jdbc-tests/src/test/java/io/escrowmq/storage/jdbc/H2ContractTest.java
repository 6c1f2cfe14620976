package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.WholeContract;

/** The engine on H2 passes every suite of the contract kit. */
class H2ContractTest extends WholeContract {

  @Override
  protected EngineUnderTest engine() {
    return new H2Engine();
  }
}
