package io.escrowmq.broker;

import io.escrowmq.spi.protocol.Flow.Volume;
import io.escrowmq.spi.protocol.Flow.Window;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts one stream of messages, and remembers where the counts were. Thread-safe. */
final class FlowMeter {

  /** Samples come every 10 s; of these the hour keeps each 60th, the day each 360th. */
  private static final int TICKS_PER_MINUTE_SAMPLE = 1;

  private static final int TICKS_PER_HOUR_SAMPLE = 60;
  private static final int TICKS_PER_DAY_SAMPLE = 360;
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongAdder messages = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final Past minute = new Past(TICKS_PER_MINUTE_SAMPLE, 6);
  private final Past hour = new Past(TICKS_PER_HOUR_SAMPLE, 6);
  private final Past day = new Past(TICKS_PER_DAY_SAMPLE, 24);

  /** Begins to count now. */
  FlowMeter(long nowNanos) {
    sample(0, nowNanos);
  }

  void add(long moreMessages, long moreBytes) {
    messages.add(moreMessages);
    bytes.add(moreBytes);
  }

  /**
   * Remembers the counts.
   *
   * @param tick number of this sample; 0 for the first of this meter
   */
  synchronized void sample(long tick, long nowNanos) {
    long m = messages.sum();
    long b = bytes.sum();
    minute.offer(tick, nowNanos, m, b);
    hour.offer(tick, nowNanos, m, b);
    day.offer(tick, nowNanos, m, b);
  }

  synchronized Volume volume(long nowNanos) {
    long m = messages.sum();
    long b = bytes.sum();
    return new Volume(
        minute.until(nowNanos, m, b), hour.until(nowNanos, m, b), day.until(nowNanos, m, b));
  }

  /** The newest samples of one kind, in a ring. */
  private static final class Past {
    private final int everyTicks;
    private final long[] atNanos;
    private final long[] messages;
    private final long[] bytes;
    private int count;
    private int next;

    Past(int everyTicks, int size) {
      this.everyTicks = everyTicks;
      this.atNanos = new long[size];
      this.messages = new long[size];
      this.bytes = new long[size];
    }

    void offer(long tick, long nowNanos, long m, long b) {
      if (tick % everyTicks != 0) {
        return;
      }
      atNanos[next] = nowNanos;
      messages[next] = m;
      bytes[next] = b;
      next = (next + 1) % atNanos.length;
      count = Math.min(count + 1, atNanos.length);
    }

    Window until(long nowNanos, long m, long b) {
      int oldest = count < atNanos.length ? 0 : next;
      return new Window(
          m - messages[oldest], b - bytes[oldest], (nowNanos - atNanos[oldest]) / NANOS);
    }
  }
}
