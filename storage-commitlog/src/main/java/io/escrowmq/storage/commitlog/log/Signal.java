package io.escrowmq.storage.commitlog.log;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread sleep until others have something for it. Raising it is cheap while it runs.
 *
 * <p>Both sides write and then read what the other wrote: the fences keep each write before its
 * read. Without them a processor may do the read first, and the sleeper misses what it waits for.
 */
public final class Signal {

  private volatile @Nullable Thread sleeper;

  /** Wakes the sleeper, if there is one. Call after writing what it waits for. */
  public void raise() {
    raiseUnless(() -> false);
  }

  /**
   * Wakes the sleeper unless somebody else is about to do so anyway. Who answers true must raise
   * the signal after it stops answering true.
   */
  public void raiseUnless(BooleanSupplier raisedSoon) {
    VarHandle.fullFence();
    Thread thread = sleeper;
    if (thread != null && !raisedSoon.getAsBoolean()) {
      LockSupport.unpark(thread);
    }
  }

  /** Sleeps until the condition holds. One thread only. */
  public void await(BooleanSupplier condition) {
    sleeper = Thread.currentThread();
    VarHandle.fullFence();
    while (!condition.getAsBoolean()) {
      LockSupport.park(this);
    }
    sleeper = null;
  }

  /** Sleeps until the condition holds or the time is over. One thread only. */
  public void await(BooleanSupplier condition, long timeoutNanos) {
    sleeper = Thread.currentThread();
    VarHandle.fullFence();
    if (!condition.getAsBoolean()) {
      LockSupport.parkNanos(this, timeoutNanos);
    }
    sleeper = null;
  }
}
