package io.escrowmq.broker.filter;

import io.escrowmq.broker.filter.Expression.Property;
import io.escrowmq.broker.filter.Expression.Text;
import io.escrowmq.spi.storage.MessageProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The properties of one message that an expression names, picked out of the text form in one pass;
 * of a repeated name the last value counts, and a property without a value is missing (source:
 * Apache RocketMQ 5.x, {@code MessageDecoder.string2messageProperties}).
 */
final class PropertyValues {

  private final @Nullable Text[] found;

  PropertyValues(List<String> names, String text) {
    found = new Text[names.size()];
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf(MessageProperties.VALUE_END, at);
      if (end < 0) {
        end = text.length();
      }
      int nameEnd = text.indexOf(MessageProperties.NAME_END, at);
      if (nameEnd < 0) {
        return;
      }
      if (nameEnd > at && nameEnd < end - 1) {
        pick(names, text, at, nameEnd, end);
      }
      at = end + 1;
    }
  }

  /** The value, or unknown if the message has none. */
  Value of(Property property) {
    Text value = found[property.slot()];
    return value == null ? Verdict.UNKNOWN : value;
  }

  private void pick(List<String> names, String text, int at, int nameEnd, int end) {
    for (int slot = 0; slot < found.length; slot++) {
      String name = names.get(slot);
      if (name.length() == nameEnd - at && text.startsWith(name, at)) {
        found[slot] = new Text(text.substring(nameEnd + 1, end));
        return;
      }
    }
  }
}
