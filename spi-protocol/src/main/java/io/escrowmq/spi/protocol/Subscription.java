package io.escrowmq.spi.protocol;

/**
 * What a consumer group wants of a topic.
 *
 * @param expressionType {@code TAG} or {@code SQL92}
 * @param expression for TAG: {@code *} or tags separated by {@code ||}
 * @param version the client's time of subscribing, milliseconds
 */
public record Subscription(String topic, String expressionType, String expression, long version) {

  /** The expression type of tag filters, and of none. */
  public static final String TAG = "TAG";

  /** The expression that wants everything. */
  public static final String ALL = "*";
}
