package io.escrowmq.spi.storage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The text form of message properties: {@code key 0x01 value 0x02 ...}, the last 0x02 optional, and
 * the names that have a meaning on the wire (source: Apache RocketMQ 4.x/5.x remoting protocol).
 */
public final class MessageProperties {

  public static final String KEYS = "KEYS";
  public static final String TAGS = "TAGS";
  public static final String UNIQUE_KEY = "UNIQ_KEY";
  public static final String DELAY_LEVEL = "DELAY";
  public static final String DELAY_SECONDS = "TIMER_DELAY_SEC";
  public static final String DELAY_MS = "TIMER_DELAY_MS";
  public static final String DELIVER_AT_MS = "TIMER_DELIVER_MS";
  public static final String RETRY_TOPIC = "RETRY_TOPIC";
  public static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";
  public static final String REAL_TOPIC = "REAL_TOPIC";
  public static final String REAL_QUEUE = "REAL_QID";
  public static final String TRANSACTION = "TRAN_MSG";
  public static final String PRODUCER_GROUP = "PGROUP";
  public static final String CLUSTER = "CLUSTER";
  public static final String REGION = "MSG_REGION";
  public static final String TRACE_ON = "TRACE_ON";
  public static final String CHECK_IMMUNITY_SECONDS = "CHECK_IMMUNITY_TIME_IN_SECONDS";
  public static final String TRANSACTION_CHECK_TIMES = "TRANSACTION_CHECK_TIMES";
  public static final String DEAD_LETTER_ORIGIN_TOPIC = "DLQ_ORIGIN_TOPIC";
  public static final String DEAD_LETTER_ORIGIN_MESSAGE_ID = "DLQ_ORIGIN_MESSAGE_ID";
  public static final String CORRELATION_ID = "CORRELATION_ID";
  public static final String REPLY_TO_CLIENT = "REPLY_TO_CLIENT";

  /** Stands between a name and its value. */
  public static final char NAME_END = '\u0001';

  /** Stands after a value; may be missing at the end of the text. */
  public static final char VALUE_END = '\u0002';

  private MessageProperties() {}

  /** All properties in the order of the text; of a repeated name the last value counts. */
  public static Map<String, String> parse(String text) {
    Map<String, String> properties = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf(VALUE_END, at);
      if (end < 0) {
        end = text.length();
      }
      int nameEnd = text.indexOf(NAME_END, at);
      if (nameEnd > at && nameEnd < end) {
        properties.put(text.substring(at, nameEnd), text.substring(nameEnd + 1, end));
      }
      at = end + 1;
    }
    return properties;
  }

  /** The text form of the properties in the map's order. */
  public static String format(Map<String, String> properties) {
    StringBuilder text = new StringBuilder(properties.size() * 32);
    properties.forEach(
        (name, value) -> text.append(name).append(NAME_END).append(value).append(VALUE_END));
    return text.toString();
  }

  /** The value of one property without parsing the others; the last one if it is repeated. */
  public static Optional<String> find(String text, String name) {
    int value = -1;
    int at = text.indexOf(name);
    // Forward, although the last counts: most texts have the name once or not at all, and the JDK
    // searches forward many characters at a time.
    while (at >= 0 && at + name.length() < text.length()) {
      int nameEnd = at + name.length();
      boolean whole = at == 0 || text.charAt(at - 1) == VALUE_END;
      if (whole && text.charAt(nameEnd) == NAME_END) {
        value = nameEnd + 1;
      }
      at = text.indexOf(name, at + 1);
    }
    if (value < 0) {
      return Optional.empty();
    }
    int end = text.indexOf(VALUE_END, value);
    return Optional.of(end < 0 ? text.substring(value) : text.substring(value, end));
  }

  /**
   * The text with one property added at the end, leaving the others byte for byte as they are. An
   * existing property of that name is overruled (readers take the last), not removed.
   */
  public static String append(String text, String name, String value) {
    StringBuilder result = new StringBuilder(text.length() + name.length() + value.length() + 3);
    result.append(text);
    if (!text.isEmpty() && text.charAt(text.length() - 1) != VALUE_END) {
      result.append(VALUE_END);
    }
    return result.append(name).append(NAME_END).append(value).append(VALUE_END).toString();
  }

  /** The text without any property of that name; the others stay byte for byte as they are. */
  public static String remove(String text, String name) {
    if (!text.contains(name)) {
      return text;
    }
    StringBuilder result = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf(VALUE_END, at);
      int next = end < 0 ? text.length() : end + 1;
      boolean matches =
          text.startsWith(name, at)
              && at + name.length() < next
              && text.charAt(at + name.length()) == NAME_END;
      if (!matches) {
        result.append(text, at, next);
      }
      at = next;
    }
    return result.toString();
  }

  /** The text with exactly one property of that name, at the end. */
  public static String set(String text, String name, String value) {
    return append(remove(text, name), name, value);
  }
}
