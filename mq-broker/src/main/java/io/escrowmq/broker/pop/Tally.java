package io.escrowmq.broker.pop;

/** What one round did, counted once it is written. Not thread-safe. */
final class Tally {

  int popped;
  long poppedBytes;
  int redelivered;
  int acknowledged;
  int stale;
  int deadLettered;
  int lost;

  void addTo(PopCounters counters) {
    counters.popped.add(popped);
    counters.redelivered.add(redelivered);
    counters.acknowledged.add(acknowledged);
    counters.stale.add(stale);
    counters.deadLettered.add(deadLettered);
    counters.lost.add(lost);
  }
}
