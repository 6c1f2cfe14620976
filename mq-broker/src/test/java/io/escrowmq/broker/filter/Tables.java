package io.escrowmq.broker.filter;

import io.escrowmq.spi.storage.MessageProperties;
import java.util.LinkedHashMap;
import java.util.Map;

/** Short forms for tables of expressions and messages. */
final class Tables {

  private Tables() {}

  /** What the expression says about a message with these names and values. */
  static Verdict verdict(String expression, String... namesAndValues) {
    return PropertyFilter.of(expression).verdict(properties(namesAndValues));
  }

  /** Names and values in the text form. */
  static String properties(String... namesAndValues) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return MessageProperties.format(properties);
  }
}
