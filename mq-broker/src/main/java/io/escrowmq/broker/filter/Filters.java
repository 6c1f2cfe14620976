package io.escrowmq.broker.filter;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Subscription;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Compiles subscriptions. An expression is compiled when it is first needed and shared by all that
 * write the same; the compiled ones are bounded in number and in size, and those not used for
 * longest go first. Thread-safe; never blocks.
 */
public final class Filters {

  /** Most compiled expressions kept. */
  static final int MAX_KEPT = 1_000;

  /** Most characters of all expressions kept, together. */
  static final long MAX_KEPT_LENGTH = 1_000_000;

  private static final int SHOWN_BEFORE = 12;
  private static final int SHOWN_AFTER = 12;

  private final Map<String, PropertyFilter> compiled = new LinkedHashMap<>(16, 0.75f, true);
  private long length;

  /**
   * The filter of a subscription.
   *
   * @throws BrokerException with {@link ErrorCode#FILTER_INVALID} saying what is wrong and where
   */
  public MessageFilter of(Subscription subscription) {
    return switch (subscription.expressionType()) {
      case "", Subscription.TAG -> TagFilter.of(subscription.expression());
      case Subscription.SQL92 -> properties(subscription);
      case Subscription.CLASS_FILTER ->
          throw new BrokerException(
              ErrorCode.FILTER_INVALID,
              "a filter class for topic "
                  + subscription.topic()
                  + " is refused: this server runs no code of its clients",
              "Subscribe with tags (a || b) or with a SQL92 expression over the properties.");
      default ->
          throw new BrokerException(
              ErrorCode.FILTER_INVALID,
              "the filter of topic "
                  + subscription.topic()
                  + " has the unknown type "
                  + FilterSyntaxException.shortened(subscription.expressionType()),
              "Subscribe with type TAG (a || b) or SQL92 (a > 5), in capitals.");
    };
  }

  private PropertyFilter properties(Subscription subscription) {
    String expression = subscription.expression();
    synchronized (compiled) {
      PropertyFilter known = compiled.get(expression);
      if (known != null) {
        return known;
      }
    }
    try {
      PropertyFilter filter = PropertyFilter.of(expression);
      keep(expression, filter);
      return filter;
    } catch (FilterSyntaxException e) {
      throw new BrokerException(
          ErrorCode.FILTER_INVALID,
          "the SQL92 filter of topic "
              + subscription.topic()
              + " is wrong at "
              + place(expression, e.at())
              + ": "
              + e.getMessage(),
          e.remedy(),
          e);
    }
  }

  private void keep(String expression, PropertyFilter filter) {
    synchronized (compiled) {
      if (compiled.putIfAbsent(expression, filter) != null) {
        return;
      }
      length += expression.length();
      var oldest = compiled.keySet().iterator();
      while (compiled.size() > MAX_KEPT || length > MAX_KEPT_LENGTH) {
        length -= oldest.next().length();
        oldest.remove();
      }
    }
  }

  /** How many expressions are kept. */
  int kept() {
    synchronized (compiled) {
      return compiled.size();
    }
  }

  private static String place(String expression, int at) {
    int lineStart = expression.lastIndexOf('\n', at - 1) + 1;
    long line = expression.substring(0, lineStart).chars().filter(it -> it == '\n').count() + 1;
    String column = "column " + (at - lineStart + 1);
    String lineAndColumn = expression.indexOf('\n') < 0 ? column : "line " + line + ", " + column;
    int from = Math.max(lineStart, at - SHOWN_BEFORE);
    int to = Math.min(expression.length(), at + SHOWN_AFTER);
    String near = expression.substring(from, to).lines().findFirst().orElse("").strip();
    return near.isEmpty() ? lineAndColumn : lineAndColumn + ", near \"" + near + "\"";
  }
}
