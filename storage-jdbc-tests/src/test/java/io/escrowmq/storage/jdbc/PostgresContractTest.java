package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.WholeContract;

/** The engine on PostgreSQL passes every suite of the contract kit. */
class PostgresContractTest extends WholeContract {

  @Override
  protected EngineUnderTest engine() {
    return new PostgresEngine();
  }
}
