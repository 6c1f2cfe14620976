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

  void addTo(PopCounters counters, PopHost host) {
    counters.popped.add(popped);
    counters.redelivered.add(redelivered);
    counters.acknowledged.add(acknowledged);
    counters.stale.add(stale);
    counters.deadLettered.add(deadLettered);
    counters.lost.add(lost);
    if (popped > 0) {
      host.handedOut(popped, poppedBytes);
    }
  }
}
