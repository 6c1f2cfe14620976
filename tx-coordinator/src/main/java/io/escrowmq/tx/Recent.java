package io.escrowmq.tx;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded memory by handle: when the younger half is full, the older half is forgotten. Only for
 * hints, because anything may be forgotten at any time. Thread-safe.
 */
final class Recent<V> {

  private final int halfLimit;
  private final AtomicInteger youngCount = new AtomicInteger();
  private volatile ConcurrentHashMap<Handle, V> young = new ConcurrentHashMap<>();
  private volatile ConcurrentHashMap<Handle, V> old = new ConcurrentHashMap<>();

  /**
   * @param halfLimit at most about twice as many are remembered
   */
  Recent(int halfLimit) {
    this.halfLimit = halfLimit;
  }

  Optional<V> find(Handle handle) {
    V found = young.get(handle);
    return Optional.ofNullable(found != null ? found : old.get(handle));
  }

  void put(Handle handle, V value) {
    if (youngCount.incrementAndGet() > halfLimit) {
      turnOver();
    }
    young.put(handle, value);
  }

  void remove(Handle handle) {
    if (young.remove(handle) != null) {
      youngCount.decrementAndGet();
    }
    old.remove(handle);
  }

  private synchronized void turnOver() {
    if (youngCount.get() > halfLimit) {
      old = young;
      young = new ConcurrentHashMap<>();
      youngCount.set(1);
    }
  }
}
