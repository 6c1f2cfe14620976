package io.escrowmq.spi.protocol;

import java.util.Optional;

/**
 * How much went through each topic and to each group since the broker started. Answered from
 * memory; thread-safe.
 */
public interface Flow {

  /**
   * How much there was lately.
   *
   * @param consumerGroup empty text for {@link Kind#SENT}
   * @return empty if there was nothing in the last day
   */
  Optional<Volume> of(Kind kind, String topic, String consumerGroup);

  /** What is counted. */
  enum Kind {
    /** Messages accepted for a topic, also those that are held for now. */
    SENT,
    /** Messages of a topic handed to a group. */
    PULLED,
    /** Messages of a topic that a group gave back for another attempt. */
    GIVEN_BACK
  }

  /** What there was in the last minute, hour and day. */
  record Volume(Window minute, Window hour, Window day) {}

  /**
   * A time that ends now.
   *
   * @param seconds its length, shorter than its name says where counting began later
   */
  record Window(long messages, long bytes, double seconds) {

    /** Messages per second; 0 for no time at all. */
    public double messagesPerSecond() {
      return seconds <= 0 ? 0 : messages / seconds;
    }

    /** Bytes per second; 0 for no time at all. */
    public double bytesPerSecond() {
      return seconds <= 0 ? 0 : bytes / seconds;
    }
  }
}
