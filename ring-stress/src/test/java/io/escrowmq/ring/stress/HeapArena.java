package io.escrowmq.ring.stress;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that the collector frees: a race makes thousands of rings a second, and closing off-heap
 * memory stops all threads. Ordering between threads is the same for both.
 */
final class HeapArena implements Arena {
  private final Arena scope = Arena.global();

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(byteSize)]);
  }

  @Override
  public MemorySegment.Scope scope() {
    return scope.scope();
  }

  @Override
  public void close() {
    // The collector does it.
  }
}
