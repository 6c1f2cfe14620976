package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import java.util.Map;
import java.util.TreeMap;

/**
 * The audit record of a transaction: an ordinary message on a system topic, written in the same
 * atomic batch as what it tells about. The body is one JSON object ({@code
 * docs/formats/transaction-audit.md}); KEYS are the handle and the message's unique key; the tag is
 * the event.
 */
public final class AuditTrail {

  /** Where audit records go. */
  public static final QueueId QUEUE = new QueueId("EMQ_SYS_TX_AUDIT", 0);

  private static final int VERSION = 1;

  private AuditTrail() {}

  /** What an audit record tells about. */
  enum Event {
    DECIDED,
    CONFLICT,
    PARKED,
    REARMED,
    PROPOSED,
    CONFIRMED,
    WITHDRAWN,
    RULES
  }

  /** The handle in records that are about no transaction. */
  private static final String NO_HANDLE = new Handle(0, 0).toString();

  /**
   * A change of the check rules.
   *
   * @param before the changes that the group or topic had, as a JSON object
   * @param after those it has now
   */
  record RuleChange(
      RuleBook.Scope scope, String name, String before, String after, String operator) {}

  /** A field's value that is JSON already. */
  record Json(String text) {}

  /** The fields that all events share. */
  record Subject(String handle, String producerGroup, String uniqueKey, String queue) {}

  /** Who changed when which rules, from what to what. KEYS is what the rules are about. */
  static Mutation.Append ruleChange(RuleChange change, long nowMs) {
    String group = change.scope() == RuleBook.Scope.GROUP ? change.name() : "";
    Map<String, Object> more = new TreeMap<>();
    more.put("scope", change.scope());
    more.put("name", change.name());
    more.put("before", new Json(change.before()));
    more.put("after", new Json(change.after()));
    return record(
        Event.RULES,
        word(change.name()),
        nowMs,
        body(
            Event.RULES,
            new Subject(NO_HANDLE, group, "", ""),
            Decider.operator(change.operator(), ""),
            nowMs,
            more));
  }

  static Mutation.Append append(
      Event event, Subject subject, Decider decider, long nowMs, Map<String, Object> more) {
    String handle = subject.handle();
    String keys = subject.uniqueKey().isEmpty() ? handle : handle + " " + word(subject.uniqueKey());
    return record(event, keys, nowMs, body(event, subject, decider, nowMs, more));
  }

  /** Made with every decision, so without a map in between. */
  private static String body(
      Event event, Subject subject, Decider decider, long nowMs, Map<String, Object> more) {
    StringBuilder body = new StringBuilder(512).append("{\"v\":").append(VERSION);
    text(body, "event", event.name());
    name(body, "at").append(nowMs);
    text(body, "handle", subject.handle());
    text(body, "group", subject.producerGroup());
    text(body, "key", subject.uniqueKey());
    text(body, "queue", subject.queue());
    text(body, "by", decider.kind().name());
    text(body, "identity", decider.identity());
    text(body, "reason", decider.reason());
    new TreeMap<>(more).forEach((name, value) -> value(name(body, name), value));
    return body.append('}').toString();
  }

  private static Mutation.Append record(Event event, String keys, long nowMs, String body) {
    String properties =
        MessageProperties.append(
            MessageProperties.append("", MessageProperties.KEYS, keys),
            MessageProperties.TAGS,
            event.name());
    return new Mutation.Append(
        QUEUE,
        new MessageBuilder()
            .queue(QUEUE)
            .bornTimeMs(nowMs)
            .body(body.getBytes(UTF_8))
            .propertiesText(properties)
            .build());
  }

  /** Property values and words of KEYS may hold neither blanks nor the text form's separators. */
  static String word(String text) {
    int plain = 0;
    while (plain < text.length() && text.charAt(plain) > ' ') {
      plain++;
    }
    if (plain == text.length()) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.chars().forEach(c -> out.append(c <= ' ' ? '_' : (char) c));
    return out.toString();
  }

  static String json(Map<String, Object> fields) {
    StringBuilder out = new StringBuilder(256).append('{');
    fields.forEach((name, value) -> value(name(out, name), value));
    return out.append('}').toString();
  }

  private static void text(StringBuilder out, String name, String value) {
    quote(name(out, name), value);
  }

  private static StringBuilder name(StringBuilder out, String name) {
    return out.append(out.length() > 1 ? ",\"" : "\"").append(name).append("\":");
  }

  private static void value(StringBuilder out, Object value) {
    switch (value) {
      case Long number -> out.append(number.longValue());
      case Number number -> out.append(number);
      case Json json -> out.append(json.text());
      default -> quote(out, value.toString());
    }
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    int plain = 0;
    while (plain < text.length() && isPlain(text.charAt(plain))) {
      plain++;
    }
    out.append(text, 0, plain);
    for (int i = plain; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c != '"' && c != '\\';
  }
}
