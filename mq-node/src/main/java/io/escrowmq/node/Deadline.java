package io.escrowmq.node;

import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;

/** The moment at which a close stops being patient. */
final class Deadline {

  /** Extra time for a step that was told to stop at the deadline to notice. */
  static final Duration SLACK = Duration.ofSeconds(2);

  private final TimeSource time;
  private final long endNanos;

  Deadline(TimeSource time, Duration grace) {
    this.time = time;
    this.endNanos = time.nanos() + grace.toNanos();
  }

  /** What is left, at least zero. */
  Duration remaining() {
    return Duration.ofNanos(Math.max(0, endNanos - time.nanos()));
  }
}
