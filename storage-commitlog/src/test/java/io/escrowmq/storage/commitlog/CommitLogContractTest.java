package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.WholeContract;

/** The commitlog passes every suite of the contract kit. */
class CommitLogContractTest extends WholeContract {

  @Override
  protected EngineUnderTest engine() {
    return new CommitLogEngine();
  }
}
