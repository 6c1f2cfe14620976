package io.escrowmq.broker;

import io.escrowmq.spi.storage.MessageProperties;
import org.jspecify.annotations.Nullable;

/**
 * The properties that the send path has to know, picked out of the text form in one pass and
 * without a map; of a repeated name the last value counts. Fields are null where the message has no
 * such property.
 */
final class PropertyScan {

  /** Checkpoint of a popped message: names a delivery that is over once the message is re-sent. */
  static final String POP_CHECKPOINT = "POP_CK";

  /** What a producer orders by. */
  private static final String SHARDING_KEY = "__SHARDINGKEY";

  private static final int HALF = 1;
  private static final int SHARDED = 2;
  private static final char NAME_END = '\u0001';
  private static final char VALUE_END = '\u0002';

  @Nullable String uniqueKey;
  @Nullable String delayLevel;
  @Nullable String delaySeconds;
  @Nullable String delayMs;
  @Nullable String deliverAtMs;
  @Nullable String producerGroup;
  @Nullable String immunitySeconds;
  @Nullable String cluster;
  @Nullable String region;
  @Nullable String traceOn;
  @Nullable String popCheckpoint;

  /** What is known by its being there: {@link #HALF}, {@link #SHARDED}. */
  private int marks;

  PropertyScan(String text) {
    int at = 0;
    int length = text.length();
    while (at < length) {
      int end = text.indexOf(VALUE_END, at);
      if (end < 0) {
        end = length;
      }
      int nameEnd = text.indexOf(NAME_END, at);
      if (nameEnd < 0) {
        return;
      }
      if (nameEnd > at && nameEnd < end) {
        pick(text, at, nameEnd, end);
      }
      at = end + 1;
    }
  }

  /** True if the message wants to be delivered later. */
  boolean wantsDelay() {
    return delayLevel != null || delaySeconds != null || delayMs != null || deliverAtMs != null;
  }

  /** True for a half message. */
  boolean wantsTransaction() {
    return (marks & HALF) != 0;
  }

  /** True if the producer named what the message is ordered by. */
  boolean wantsOrder() {
    return (marks & SHARDED) != 0;
  }

  private void pick(String text, int at, int nameEnd, int end) {
    // Known names begin with one of these characters: most properties are left after one look.
    switch (text.charAt(at)) {
      case 'C', 'D', 'M', 'P', 'T', 'U', '_' -> {
        String name = text.substring(at, nameEnd);
        String value = text.substring(nameEnd + 1, end);
        set(name, value);
      }
      default -> {
        // Not of interest here.
      }
    }
  }

  private void set(String name, String value) {
    switch (name) {
      case MessageProperties.UNIQUE_KEY -> uniqueKey = value;
      case MessageProperties.DELAY_LEVEL -> delayLevel = value;
      case MessageProperties.DELAY_SECONDS -> delaySeconds = value;
      case MessageProperties.DELAY_MS -> delayMs = value;
      case MessageProperties.DELIVER_AT_MS -> deliverAtMs = value;
      case MessageProperties.TRANSACTION ->
          marks = Boolean.parseBoolean(value) ? marks | HALF : marks & ~HALF;
      case MessageProperties.PRODUCER_GROUP -> producerGroup = value;
      case MessageProperties.CHECK_IMMUNITY_SECONDS -> immunitySeconds = value;
      case MessageProperties.CLUSTER -> cluster = value;
      case MessageProperties.REGION -> region = value;
      case MessageProperties.TRACE_ON -> traceOn = value;
      case POP_CHECKPOINT -> popCheckpoint = value;
      case SHARDING_KEY -> marks |= SHARDED;
      default -> {
        // The application's own.
      }
    }
  }
}
