package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import java.util.Map;

/**
 * An operator's decision that waits for a second operator.
 *
 * @param operator who proposed it
 * @param atMs when, milliseconds since the epoch
 * @param untilMs from then on it counts no more, milliseconds since the epoch
 * @param confirmedBy the second operator; empty as long as there is none
 */
public record Proposal(
    Handle handle,
    Decision decision,
    String operator,
    String reason,
    long atMs,
    long untilMs,
    String confirmedBy) {

  boolean expired(long nowMs) {
    return nowMs >= untilMs;
  }

  Proposal confirmed(String by) {
    return new Proposal(handle, decision, operator, reason, atMs, untilMs, by);
  }

  Bytes encode() {
    return Bytes.utf8(
        AuditTrail.json(
            Map.of(
                "handle", handle,
                "decision", decision,
                "operator", operator,
                "reason", reason,
                "at", atMs,
                "until", untilMs,
                "confirmedBy", confirmedBy)));
  }

  static Proposal decode(Bytes value) {
    Map<String, Object> fields = AuditJson.read(value.asUtf8());
    return new Proposal(
        Handle.parse(text(fields, "handle")),
        Decision.valueOf(text(fields, "decision")),
        text(fields, "operator"),
        text(fields, "reason"),
        Long.parseLong(text(fields, "at")),
        Long.parseLong(text(fields, "until")),
        text(fields, "confirmedBy"));
  }

  private static String text(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("a proposal without " + name);
    }
    return value.toString();
  }
}
