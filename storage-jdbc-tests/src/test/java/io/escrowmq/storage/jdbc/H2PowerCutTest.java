package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.PowerCutContract;

/** The power is cut while the engine works on H2. */
class H2PowerCutTest extends PowerCutContract {

  @Override
  protected EngineUnderTest engine() {
    return new H2Engine();
  }
}
