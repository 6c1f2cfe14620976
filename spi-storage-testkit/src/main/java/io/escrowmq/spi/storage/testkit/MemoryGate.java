package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.StorageException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The one lock of an in-memory store, which no longer opens once the store is closed. */
final class MemoryGate {

  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  /** Runs the action alone, unless the store is closed. */
  <T> T enter(Supplier<T> action) {
    lock.lock();
    try {
      if (closed) {
        throw new StorageException.Closed();
      }
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** True for the first caller only. */
  boolean close() {
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }
}
