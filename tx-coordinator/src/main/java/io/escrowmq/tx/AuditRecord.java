package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Message;
import java.util.Map;
import java.util.Optional;

/**
 * One record of the audit trail, as read back. Texts that the record does not have are empty,
 * numbers -1.
 *
 * @param offset of the record in {@link AuditTrail#QUEUE}
 * @param event what happened; {@code DECIDED}, {@code CONFLICT} and others
 * @param atMs server time of the event, milliseconds since the epoch
 * @param queue where the message is or was to appear, {@code topic-number}
 * @param by by which way
 * @param identity client id, user or rule
 * @param more the fields that only some events have
 */
public record AuditRecord(
    long offset,
    String event,
    long atMs,
    Handle handle,
    String producerGroup,
    String uniqueKey,
    String queue,
    String by,
    String identity,
    String reason,
    Map<String, Object> more) {

  public AuditRecord {
    more = Map.copyOf(more);
  }

  /**
   * Reads a message of the audit topic.
   *
   * @throws IllegalArgumentException if it is not an audit record
   */
  static AuditRecord of(Message message) {
    String text = UTF_8.decode(message.body()).toString();
    Map<String, Object> fields = AuditJson.read(text);
    return new AuditRecord(
        message.queueOffset(),
        text(fields, "event"),
        number(fields, "at"),
        Handle.parse(text(fields, "handle")),
        text(fields, "group"),
        text(fields, "key"),
        text(fields, "queue"),
        text(fields, "by"),
        text(fields, "identity"),
        text(fields, "reason"),
        fields);
  }

  /** The decision of a {@code DECIDED} record. */
  public Optional<Decision> decision() {
    String name = text("decision");
    return name.isEmpty() ? Optional.empty() : Optional.of(Decision.valueOf(name));
  }

  /** The topic of {@link #queue()}, empty if the record has none. */
  public String topic() {
    int end = queue.lastIndexOf('-');
    return end < 0 ? "" : queue.substring(0, end);
  }

  /** A text that only some events have; empty if this has not. */
  public String text(String field) {
    return text(more, field);
  }

  /** A number that only some events have; -1 if this has not. */
  public long number(String field) {
    return number(more, field);
  }

  private static String text(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    return value == null ? "" : value.toString();
  }

  private static long number(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof Number number ? number.longValue() : -1;
  }
}
