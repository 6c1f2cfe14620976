package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.PowerCutContract;

/** The power is cut while the commitlog works. */
class CommitLogPowerCutTest extends PowerCutContract {

  @Override
  protected EngineUnderTest engine() {
    return new CommitLogEngine();
  }
}
