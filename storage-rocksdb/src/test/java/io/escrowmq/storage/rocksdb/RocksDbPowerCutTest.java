package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.PowerCutContract;

/** The power is cut while RocksDB works. */
class RocksDbPowerCutTest extends PowerCutContract {

  @Override
  protected EngineUnderTest engine() {
    return new RocksDbEngine();
  }
}
