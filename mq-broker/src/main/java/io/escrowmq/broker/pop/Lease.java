package io.escrowmq.broker.pop;

import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Messages of one queue that were handed out together and are not acknowledged yet. Not
 * thread-safe.
 */
final class Lease {

  /** Those that end first come first. */
  static final Comparator<Lease> BY_END =
      Comparator.comparingLong(Lease::visibleAtMs).thenComparing(Lease::id);

  private final LeaseId id;
  private final long visibleAtMs;
  private final String attemptId;
  private final NavigableMap<Long, Integer> attempts;

  /**
   * A lease.
   *
   * @param visibleAtMs when the messages may be handed out again, milliseconds since the epoch
   * @param attemptId what the consumer calls the request, empty for nothing
   * @param attempts by offset, how often the message was handed out before
   */
  Lease(LeaseId id, long visibleAtMs, String attemptId, NavigableMap<Long, Integer> attempts) {
    this.id = id;
    this.visibleAtMs = visibleAtMs;
    this.attemptId = attemptId;
    this.attempts = new TreeMap<>(attempts);
  }

  LeaseId id() {
    return id;
  }

  long visibleAtMs() {
    return visibleAtMs;
  }

  String attemptId() {
    return attemptId;
  }

  /** Offsets and how often each was handed out before; a live view, changed by its owner only. */
  NavigableMap<Long, Integer> attempts() {
    return attempts;
  }

  boolean isOver(long nowMs) {
    return visibleAtMs <= nowMs;
  }
}
