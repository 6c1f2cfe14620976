package io.escrowmq.spi.protocol;

/**
 * What a consumer group wants of a topic.
 *
 * @param expressionType {@link #TAG}, {@link #SQL92} or what else a client asks for
 * @param expression for TAG: {@code *} or tags separated by {@code ||}; for SQL92 a condition over
 *     the message's properties, such as {@code a > 5 AND b = 'x'}
 * @param version the client's time of subscribing, milliseconds
 */
public record Subscription(String topic, String expressionType, String expression, long version) {

  /** The expression type of tag filters, and of none. */
  public static final String TAG = "TAG";

  /** The expression type of conditions over properties. */
  public static final String SQL92 = "SQL92";

  /** The expression type of filters that are a client's own code; always refused. */
  public static final String CLASS_FILTER = "CLASS_FILTER";

  /** The expression that wants everything. */
  public static final String ALL = "*";
}
