package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.WholeContract;

/** RocksDB passes every suite of the contract kit. */
class RocksDbContractTest extends WholeContract {

  @Override
  protected EngineUnderTest engine() {
    return new RocksDbEngine();
  }
}
