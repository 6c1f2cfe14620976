package io.escrowmq.storage.rocksdb;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Lets one thread sleep until others have something for it. Raising it is cheap while it runs. */
final class Signal {

  private volatile @Nullable Thread sleeper;

  /** Wakes the sleeper, if there is one. Call after what it waits for became visible. */
  void raise() {
    Thread thread = sleeper;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /** Sleeps until the condition holds. One thread only. */
  void await(BooleanSupplier condition) {
    sleeper = Thread.currentThread();
    while (!condition.getAsBoolean()) {
      LockSupport.park(this);
    }
    sleeper = null;
  }
}
