package io.escrowmq.broker;

import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.storage.TimeSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The meters of all topics and groups. A stream that was silent for a day is forgotten; while there
 * are {@link #MOST} streams, new ones are not counted. Thread-safe.
 */
final class FlowMeters implements Flow {

  /** A meter takes about 1 KB. */
  static final int MOST = 20_000;

  private record Stream(Kind kind, String topic, String group) {}

  private final TimeSource time;
  private final Map<Stream, FlowMeter> meters = new ConcurrentHashMap<>();
  private long tick;

  FlowMeters(TimeSource time) {
    this.time = time;
  }

  void sent(String topic, long messages, long bytes) {
    count(new Stream(Kind.SENT, topic, ""), messages, bytes);
  }

  void pulled(String topic, String group, long messages, long bytes) {
    count(new Stream(Kind.PULLED, topic, group), messages, bytes);
  }

  void givenBack(String topic, String group, long bytes) {
    count(new Stream(Kind.GIVEN_BACK, topic, group), 1, bytes);
  }

  private void count(Stream stream, long messages, long bytes) {
    FlowMeter meter = meters.get(stream);
    if (meter == null) {
      meter = begin(stream);
    }
    if (meter != null) {
      meter.add(messages, bytes);
    }
  }

  private @Nullable FlowMeter begin(Stream stream) {
    return meters.size() >= MOST
        ? null
        : meters.computeIfAbsent(stream, _ -> new FlowMeter(time.nanos()));
  }

  /** Notes where the counts are; to be called every {@link Rates#SAMPLE_MS}. */
  synchronized void sample() {
    tick++;
    long nowNanos = time.nanos();
    meters.values().forEach(meter -> meter.sample(tick, nowNanos));
    meters.values().removeIf(meter -> meter.volume(nowNanos).day().messages() == 0);
  }

  @Override
  public Optional<Volume> of(Kind kind, String topic, String consumerGroup) {
    FlowMeter meter = meters.get(new Stream(kind, topic, consumerGroup));
    return meter == null ? Optional.empty() : Optional.of(meter.volume(time.nanos()));
  }
}
