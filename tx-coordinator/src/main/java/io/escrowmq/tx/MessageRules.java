package io.escrowmq.tx;

import io.escrowmq.spi.storage.Message;
import java.time.Duration;
import java.util.Optional;

/**
 * What one message wants otherwise than its topic, group and cluster; -1 where it wants nothing.
 *
 * @param intervalSeconds from one question to the next
 * @param limit questions before it is given up; 0 for no limit
 * @param maxAgeSeconds age at which it is given up
 */
record MessageRules(int intervalSeconds, int limit, int maxAgeSeconds) {

  /** Nothing. */
  static final MessageRules NONE = new MessageRules(-1, -1, -1);

  static final String INTERVAL = "EMQ_CHECK_INTERVAL_IN_SECONDS";
  static final String LIMIT = "EMQ_CHECK_LIMIT";
  static final String MAX_AGE = "EMQ_CHECK_MAX_AGE_IN_SECONDS";

  /** What the names above begin with: most messages have none of them. */
  private static final String COMMON = "EMQ_CHECK_";

  private static final int MAX_SECONDS = (int) Duration.ofDays(3650).toSeconds();

  /** What the properties of the message say; what is no number in range does not count. */
  static MessageRules of(Message message) {
    if (!message.propertiesText().contains(COMMON)) {
      return NONE;
    }
    return new MessageRules(
        number(message.property(INTERVAL), 1, MAX_SECONDS),
        number(message.property(LIMIT), 0, Integer.MAX_VALUE),
        number(message.property(MAX_AGE), 1, MAX_SECONDS));
  }

  CheckRules appliedTo(CheckRules rules) {
    if (equals(NONE)) {
      return rules;
    }
    return new RuleChanges(
            Optional.empty(),
            seconds(intervalSeconds),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            limit < 0 ? Optional.empty() : Optional.of(limit),
            seconds(maxAgeSeconds),
            Optional.empty())
        .appliedTo(rules);
  }

  private static Optional<Duration> seconds(int value) {
    return value < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(value));
  }

  private static int number(Optional<String> text, int min, int max) {
    if (text.isEmpty()) {
      return -1;
    }
    try {
      int value = Integer.parseInt(text.get().strip());
      return value >= min && value <= max ? value : -1;
    } catch (NumberFormatException _) {
      // As with RocketMQ's own property: what is no number does not count.
      return -1;
    }
  }
}
