package io.escrowmq.spi.protocol.transactions;

import java.util.Map;
import java.util.Optional;

/**
 * A record of the audit trail.
 *
 * @param auditOffset its offset on the audit topic
 * @param event what happened, for example {@code DECIDED}
 * @param atMs server time, milliseconds since the epoch
 * @param handle of the transaction, 32 hexadecimal digits
 * @param key unique key of the message
 * @param queue where the message is or was to be visible, {@code topic-number}
 * @param by by which way
 * @param identity client id, user or rule
 * @param decision of a {@code DECIDED} record
 * @param queueOffset offset of the message that this decision made visible; -1 if there is none,
 *     not yet, or it is forgotten
 * @param more all fields of the record
 */
public record AuditEvent(
    long auditOffset,
    String event,
    long atMs,
    String handle,
    String producerGroup,
    String key,
    String queue,
    String by,
    String identity,
    String reason,
    Optional<TransactionEntry.Decision> decision,
    long queueOffset,
    Map<String, Object> more) {

  public AuditEvent {
    more = Map.copyOf(more);
  }
}
