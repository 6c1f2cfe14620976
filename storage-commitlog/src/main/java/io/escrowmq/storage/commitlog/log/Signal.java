package io.escrowmq.storage.commitlog.log;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Lets one thread sleep until others have something for it. Raising it is cheap while it runs. */
public final class Signal {

  private volatile @Nullable Thread sleeper;

  /** Wakes the sleeper, if there is one. Call after what it waits for became visible. */
  public void raise() {
    Thread thread = sleeper;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /** Sleeps until the condition holds. One thread only. */
  public void await(BooleanSupplier condition) {
    sleeper = Thread.currentThread();
    while (!condition.getAsBoolean()) {
      LockSupport.park(this);
    }
    sleeper = null;
  }

  /** Sleeps until the condition holds or the time is over. One thread only. */
  public void await(BooleanSupplier condition, long timeoutNanos) {
    sleeper = Thread.currentThread();
    if (!condition.getAsBoolean()) {
      LockSupport.parkNanos(this, timeoutNanos);
    }
    sleeper = null;
  }
}
