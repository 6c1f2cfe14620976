package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.TopicConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a topic that the broker acts on (source of names and values: Apache RocketMQ
 * 5.x); the others are kept for whoever set them.
 */
final class TopicAttributes {

  /** What kind of messages the topic takes. */
  static final String MESSAGE_TYPE = "message.type";

  /** How long the topic keeps messages, whole hours; -1 for as long as the store does. */
  static final String RESERVE_TIME = "reserve.time";

  private static final String NORMAL = "NORMAL";
  private static final String FIFO = "FIFO";
  private static final String DELAY = "DELAY";
  private static final String TRANSACTION = "TRANSACTION";

  /** Newer kinds are kept and told, so that tools of newer versions work, but not enforced. */
  private static final List<String> TYPES =
      List.of("UNSPECIFIED", NORMAL, FIFO, DELAY, TRANSACTION, "MIXED", "PRIORITY", "LITE");

  private static final long NO_LIMIT = -1;
  private static final long MOST_HOURS = Duration.ofDays(36_500).toHours();

  private TopicAttributes() {}

  /** Refuses values that mean nothing. */
  static void check(TopicConfig topic) {
    String type = topic.attributes().get(MESSAGE_TYPE);
    if (type != null && !TYPES.contains(type)) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "topic " + topic.name() + " cannot have " + MESSAGE_TYPE + "=" + type,
          "Use one of " + String.join(", ", TYPES) + ".");
    }
    String hours = topic.attributes().get(RESERVE_TIME);
    if (hours != null && hours(hours) == null) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "topic " + topic.name() + " cannot have " + RESERVE_TIME + "=" + hours,
          "Use whole hours from 1 to " + MOST_HOURS + ", or -1 for as long as the store keeps.");
    }
  }

  /** How long the topic keeps messages, if it says so. */
  static Optional<Duration> reserveTime(TopicConfig topic) {
    String text = topic.attributes().get(RESERVE_TIME);
    Long hours = text == null ? null : hours(text);
    return hours == null || hours == NO_LIMIT
        ? Optional.empty()
        : Optional.of(Duration.ofHours(hours));
  }

  /**
   * Refuses a message of another kind than the topic takes. Which queue a message goes to is the
   * producer's choice, and an ordering producer need not say why it chose: so a topic of kind FIFO
   * takes NORMAL messages as well.
   */
  static void checkKind(TopicConfig topic, PropertyScan scan) {
    String type = topic.attributes().get(MESSAGE_TYPE);
    if (type == null) {
      return;
    }
    String kind = kindOf(scan);
    boolean fits =
        switch (type) {
          case NORMAL, DELAY, TRANSACTION -> kind.equals(type);
          case FIFO -> kind.equals(FIFO) || kind.equals(NORMAL);
          default -> true;
        };
    if (!fits) {
      throw new BrokerException(
          ErrorCode.MESSAGE_ILLEGAL,
          "topic "
              + topic.name()
              + " takes "
              + type
              + " messages only ("
              + MESSAGE_TYPE
              + "), and this one is "
              + kind,
          "Send it to a topic for such messages, or give this one the "
              + MESSAGE_TYPE
              + " MIXED, which takes all.");
    }
  }

  static boolean takesTransactions(TopicConfig topic) {
    return TRANSACTION.equals(topic.attributes().get(MESSAGE_TYPE));
  }

  private static String kindOf(PropertyScan scan) {
    if (scan.wantsTransaction()) {
      return TRANSACTION;
    }
    if (scan.wantsDelay()) {
      return DELAY;
    }
    return scan.wantsOrder() ? FIFO : NORMAL;
  }

  private static @Nullable Long hours(String text) {
    try {
      long hours = Long.parseLong(text.strip());
      return hours == NO_LIMIT || (hours >= 1 && hours <= MOST_HOURS) ? hours : null;
    } catch (NumberFormatException _) {
      return null;
    }
  }
}
