package io.escrowmq.broker.pop;

import java.util.Comparator;

/**
 * Names one hand-over. The generation is drawn from a counter of the broker that starts somewhere
 * else in every run, so time and generation together never repeat within a queue.
 */
record LeaseId(long popTimeMs, int generation) implements Comparable<LeaseId> {

  private static final Comparator<LeaseId> ORDER =
      Comparator.comparingLong(LeaseId::popTimeMs).thenComparingInt(LeaseId::generation);

  @Override
  public int compareTo(LeaseId other) {
    return ORDER.compare(this, other);
  }
}
