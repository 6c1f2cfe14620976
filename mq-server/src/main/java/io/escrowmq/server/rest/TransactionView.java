package io.escrowmq.server.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.escrowmq.spi.protocol.transactions.AuditEvent;
import io.escrowmq.spi.protocol.transactions.TransactionDesk.Proposal;
import io.escrowmq.spi.protocol.transactions.TransactionEntry;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A transaction as JSON. What does not apply, or is forgotten, is left out.
 *
 * @param queue number of the queue on its topic
 * @param offset of the visible message
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TransactionView(
    String handle,
    TransactionEntry.State state,
    String producerGroup,
    String key,
    String topic,
    @Nullable Integer queue,
    @Nullable Long offset,
    @Nullable Instant heldAt,
    @Nullable Integer attempts,
    @Nullable Instant deliverAt,
    @Nullable OpenView open,
    @Nullable DecidedView decided) {

  /** What an undecided one waits for. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record OpenView(
      String sender,
      @Nullable Instant nextCheckAt,
      @Nullable String lastAsked,
      @Nullable Instant lastAskedAt,
      @Nullable String parked) {}

  /** Who decided, how and when. */
  record DecidedView(
      TransactionEntry.Decision decision, String by, String identity, String reason, Instant at) {}

  /** A record of the audit trail. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EventView(
      long auditOffset,
      String event,
      Instant at,
      String handle,
      String producerGroup,
      String key,
      String topic,
      @Nullable Integer queue,
      String by,
      String identity,
      String reason,
      @Nullable String decision,
      @Nullable String recorded,
      @Nullable String requested) {

    static EventView of(AuditEvent it) {
      return new EventView(
          it.auditOffset(),
          it.event(),
          Instant.ofEpochMilli(it.atMs()),
          it.handle(),
          it.producerGroup(),
          it.key(),
          topicOf(it.queue()),
          numberOf(it.queue()),
          it.by(),
          it.identity(),
          it.reason(),
          it.decision().map(Enum::name).orElse(null),
          text(it, "recorded"),
          text(it, "requested"));
    }

    private static @Nullable String text(AuditEvent event, String field) {
      return Optional.ofNullable(event.more().get(field)).map(Object::toString).orElse(null);
    }
  }

  /** What waits for a second operator. */
  record ProposalView(
      String handle,
      TransactionEntry.Decision decision,
      String operator,
      String reason,
      Instant at,
      Instant until) {

    static ProposalView of(Proposal it) {
      return new ProposalView(
          it.handle(),
          it.decision(),
          it.operator(),
          it.reason(),
          Instant.ofEpochMilli(it.atMs()),
          Instant.ofEpochMilli(it.untilMs()));
    }
  }

  static TransactionView of(TransactionEntry it) {
    return new TransactionView(
        it.handle(),
        it.state(),
        it.producerGroup(),
        it.key(),
        topicOf(it.queue()),
        numberOf(it.queue()),
        it.decided()
            .map(TransactionEntry.Decided::queueOffset)
            .filter(offset -> offset >= 0)
            .orElse(null),
        instant(it.heldAtMs()),
        it.attempts() < 0 ? null : it.attempts(),
        instant(it.deliverAtMs()),
        it.open()
            .map(open ->
                new OpenView(
                    open.sender(),
                    instant(open.nextCheckAtMs()),
                    open.lastAsked().isEmpty() ? null : open.lastAsked(),
                    instant(open.lastAskedAtMs()),
                    open.parked().isEmpty() ? null : open.parked()))
            .orElse(null),
        it.decided()
            .map(decided ->
                new DecidedView(
                    decided.decision(),
                    decided.by(),
                    decided.identity(),
                    decided.reason(),
                    Instant.ofEpochMilli(decided.atMs())))
            .orElse(null));
  }

  /** The moment, or null for 0 and -1, which say that there is none. */
  static @Nullable Instant instant(long ms) {
    return ms <= 0 ? null : Instant.ofEpochMilli(ms);
  }

  /** The topic in {@code topic-number}. */
  static String topicOf(String queue) {
    int end = queue.lastIndexOf('-');
    return end < 0 ? "" : queue.substring(0, end);
  }

  /** The number in {@code topic-number}. */
  static @Nullable Integer numberOf(String queue) {
    int end = queue.lastIndexOf('-');
    return end < 0 ? null : Integer.valueOf(queue.substring(end + 1));
  }
}
