package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The state machine: what happened and what is known give a reply or one atomic batch. Pure: no
 * clock, no input or output, no state. The rows T1 to T17 of {@code docs/transactions.md} are here.
 *
 * <p>Every batch that decides carries {@link Mutation.RequireHeld}, so of any number of deciders
 * exactly one wins, whatever they believed before. A message with a delivery time stays held after
 * its commit; there the row of {@link #DECIDED_TABLE}, required absent by every batch about such a
 * message, takes the place of the release as the mark that somebody decided.
 */
final class Decisions {

  /** Committed messages that wait for their delivery time, by hold id. */
  static final String DECIDED_TABLE = "tx-decided";

  private final RuleBook rules;

  Decisions(RuleBook rules) {
    this.rules = rules;
  }

  /** What to do with a wish to end a transaction. */
  sealed interface EndStep {

    /** Answer, nothing changes. */
    record Reply(EndOutcome outcome) implements EndStep {}

    /** Answer that nothing changes, after the audit record of the conflict is durable. */
    record ReplyAfter(EndOutcome.Conflict outcome, WriteBatch note) implements EndStep {}

    /** Try this; if it is not applied, somebody else decided: look again. */
    record Try(WriteBatch batch, Known.Open before) implements EndStep {}
  }

  /** What to do with a transaction that is due for a question. */
  sealed interface CheckStep {

    /** Ask, if the group can be asked. */
    record Ask(HoldAttributes attributes, Handle handle, CheckRules rules) implements CheckStep {}

    /** Roll back: the rules of the group say so. */
    record GiveUp(HoldAttributes attributes, Handle handle, ParkReason reason)
        implements CheckStep {}

    /** Stop asking. */
    record Park(WriteBatch batch, HoldAttributes attributes, Handle handle, ParkReason reason)
        implements CheckStep {}
  }

  /** T1: hold the message. */
  WriteBatch hold(Handle handle, HalfMessage half, Message message, HoldAttributes attributes) {
    return WriteBatch.of(
        new Mutation.Hold(
            handle.holdId(),
            half.queue(),
            message,
            HoldKind.TRANSACTION,
            attributes.firstCheckAtMs(),
            attributes.encode()));
  }

  HoldAttributes attributesFor(HalfMessage half, long nowMs) {
    return attributesFor(half, MessageRules.NONE, nowMs);
  }

  HoldAttributes attributesFor(HalfMessage half, MessageRules own, long nowMs) {
    CheckRules resolved = own.appliedTo(rules.of(half.producerGroup(), half.queue().topic()));
    long delayMs = half.immunity().orElse(resolved.first()).toMillis();
    long firstMs = Math.min(delayMs, resolved.maxAge().toMillis());
    return HoldAttributes.fresh(half, own, nowMs, later(nowMs, firstMs));
  }

  /** T5, T7, T8, T9, T12: a producer, an answer or a person wants to end a transaction. */
  EndStep end(EndRequest request, Known known, long nowMs) {
    if (request.decision().isEmpty()) {
      return new EndStep.Reply(new EndOutcome.Unknown());
    }
    Decision wanted = request.decision().get();
    return switch (known) {
      case Known.Nothing _ -> new EndStep.Reply(new EndOutcome.NotFound());
      case Known.Committed it ->
          wanted == Decision.COMMIT
              ? new EndStep.Reply(new EndOutcome.Repeated(wanted, it.queueOffset(), it.position()))
              : conflict(request, Decision.COMMIT, nowMs);
      case Known.RolledBack _ ->
          wanted == Decision.ROLLBACK
              ? new EndStep.Reply(new EndOutcome.Repeated(wanted, -1, -1))
              : conflict(request, Decision.ROLLBACK, nowMs);
      case Known.Open open ->
          mayDecide(request.decider(), request.producerGroup(), open)
              ? new EndStep.Try(decide(request, wanted, open, nowMs), open)
              : new EndStep.Reply(new EndOutcome.GroupMismatch(open.attributes().producerGroup()));
    };
  }

  /** The reply to an applied batch of {@link EndStep.Try}. */
  EndOutcome.Decided decided(Decision decision, EndStep.Try step, WriteReceipt receipt) {
    for (int i = 0; i < step.batch().mutations().size(); i++) {
      if (step.batch().mutations().get(i) instanceof Mutation.Release) {
        Outcome outcome = receipt.outcome(i);
        return new EndOutcome.Decided(decision, outcome.queueOffset(), outcome.position(), 0);
      }
    }
    long visibleAtMs = decision == Decision.COMMIT ? step.before().attributes().deliverAtMs() : 0;
    return new EndOutcome.Decided(decision, -1, -1, visibleAtMs);
  }

  /**
   * T10, T13: a question is due.
   *
   * @throws IllegalArgumentException if the coordinator did not write this hold
   */
  CheckStep check(HoldEntry entry, long nowMs) {
    HoldAttributes attributes =
        HoldAttributes.decode(entry.attributes())
            .orElseThrow(
                () -> new IllegalArgumentException(entry.id() + " was not held by a transaction"));
    Handle handle =
        Handle.of(entry.id())
            .orElseThrow(() -> new IllegalArgumentException(entry.id() + " is no handle"));
    CheckRules resolved = rulesOf(entry, attributes);
    if (resolved.limit() > 0 && attributes.attempts() >= resolved.limit()) {
      return giveUp(resolved, entry, attributes, handle, ParkReason.CHECKS_USED_UP, nowMs);
    }
    if (nowMs - attributes.heldAtMs() >= resolved.maxAge().toMillis()) {
      return giveUp(resolved, entry, attributes, handle, ParkReason.TOO_OLD, nowMs);
    }
    return new CheckStep.Ask(attributes, handle, resolved);
  }

  private CheckStep giveUp(
      CheckRules resolved,
      HoldEntry entry,
      HoldAttributes attributes,
      Handle handle,
      ParkReason reason,
      long nowMs) {
    return switch (resolved.onGiveUp()) {
      case PARK -> park(entry, attributes, handle, reason, nowMs);
      case ROLLBACK -> new CheckStep.GiveUp(attributes, handle, reason);
    };
  }

  private CheckRules rulesOf(HoldEntry entry, HoldAttributes attributes) {
    return attributes.own().appliedTo(rules.of(attributes.producerGroup(), entry.queue().topic()));
  }

  /** T10: the question was written to a connection. */
  WriteBatch afterAsked(
      CheckStep.Ask ask, HoldAttributes asked, Optional<Duration> after, long nowMs) {
    long delayMs =
        after
            .map(Duration::toMillis)
            .orElseGet(() -> ask.rules().delayAfterMs(asked.attempts(), ask.handle().b()));
    return rescheduled(ask.handle().holdId(), asked, HoldKind.TRANSACTION, later(nowMs, delayMs))
        .durability(Durability.WRITTEN)
        .build();
  }

  /** When the batch lets a transaction be looked at again. */
  static long wakeAtMs(WriteBatch batch) {
    for (Mutation mutation : batch.mutations()) {
      if (mutation instanceof Mutation.Reschedule reschedule) {
        return reschedule.wakeAtMs();
      }
    }
    throw new IllegalArgumentException("the batch reschedules nothing: " + batch);
  }

  /** The question could not be asked for a reason of this transaction alone: not counted. */
  WriteBatch postponed(HoldEntry entry, long nowMs) {
    return WriteBatch.builder()
        .add(new Mutation.RequireHeld(entry.id()))
        .add(absentRow(entry.id()))
        .add(
            new Mutation.Reschedule(
                entry.id(),
                HoldKind.TRANSACTION,
                later(nowMs, postponeMs(entry)),
                entry.attributes()))
        .durability(Durability.WRITTEN)
        .build();
  }

  /** T14: ask again about a parked transaction, beginning now. */
  WriteBatch rearm(Handle handle, Known.Open open, Decider decider, long nowMs) {
    return rescheduled(handle.holdId(), open.attributes().rearmed(), HoldKind.TRANSACTION, nowMs)
        .add(
            AuditTrail.append(
                AuditTrail.Event.REARMED, subject(handle, open), decider, nowMs, Map.of()))
        .build();
  }

  static Bytes rowKey(HoldId id) {
    return Bytes.wrap(
        ByteBuffer.allocate(HoldId.BYTES).putLong(id.high()).putLong(id.low()).array());
  }

  static boolean mayDecide(Decider decider, String producerGroup, Known.Open open) {
    return switch (decider.kind()) {
      case PRODUCER, CHECK_ANSWER, HTTP_CHECK, SQL_CHECK, PULL_CHECK ->
          open.attributes().producerGroup().equals(producerGroup);
      case OPERATOR, POLICY -> true;
    };
  }

  private WriteBatch decide(EndRequest request, Decision decision, Known.Open open, long nowMs) {
    HoldId id = request.handle().holdId();
    HoldAttributes attributes = open.attributes();
    WriteBatch.Builder batch = WriteBatch.builder().add(new Mutation.RequireHeld(id));
    if (attributes.deliverAtMs() > 0) {
      batch.add(absentRow(id));
    }
    switch (decision) {
      case ROLLBACK -> batch.add(new Mutation.Discard(id));
      case COMMIT -> {
        if (attributes.deliverAtMs() > nowMs) {
          batch.add(
              new Mutation.Reschedule(
                  id,
                  HoldKind.DELAY,
                  attributes.deliverAtMs(),
                  attributes.with(Optional.of(decision), Optional.empty()).encode()));
          batch.add(new Mutation.Put(DECIDED_TABLE, rowKey(id), longs(nowMs)));
        } else {
          batch.add(new Mutation.Release(id));
        }
      }
    }
    return batch
        .add(
            AuditTrail.append(
                AuditTrail.Event.DECIDED,
                subject(request.handle(), open),
                request.decider(),
                nowMs,
                Map.of(
                    "decision", decision.name(),
                    "heldAt", attributes.heldAtMs(),
                    "attempts", attributes.attempts(),
                    "deliverAt", attributes.deliverAtMs())))
        .build();
  }

  /** T8: somebody wants another decision than the recorded one. */
  EndStep.ReplyAfter conflict(EndRequest request, Decision recorded, long nowMs) {
    Decision wanted = request.decision().orElseThrow();
    // The hold is gone and with it group and key: the record says what the asker claimed.
    AuditTrail.Subject subject =
        new AuditTrail.Subject(request.handle().toString(), request.producerGroup(), "", "");
    return new EndStep.ReplyAfter(
        new EndOutcome.Conflict(recorded),
        WriteBatch.of(
            AuditTrail.append(
                AuditTrail.Event.CONFLICT,
                subject,
                request.decider(),
                nowMs,
                Map.of("recorded", recorded.name(), "requested", wanted.name()))));
  }

  private CheckStep.Park park(
      HoldEntry entry, HoldAttributes before, Handle handle, ParkReason reason, long nowMs) {
    HoldAttributes attributes = before.with(Optional.empty(), Optional.of(reason));
    Known.Open open = new Known.Open(entry.queue(), attributes);
    WriteBatch batch =
        rescheduled(entry.id(), attributes, HoldKind.PARKED, Mutation.Hold.NEVER)
            .add(
                AuditTrail.append(
                    AuditTrail.Event.PARKED,
                    subject(handle, open),
                    new Decider(Decider.Kind.POLICY, "check-policy", reason.name()),
                    nowMs,
                    Map.of("heldAt", attributes.heldAtMs(), "attempts", attributes.attempts())))
            .build();
    return new CheckStep.Park(batch, attributes, handle, reason);
  }

  /** A reschedule that does nothing to a transaction that was decided meanwhile. */
  private static WriteBatch.Builder rescheduled(
      HoldId id, HoldAttributes attributes, HoldKind kind, long wakeAtMs) {
    WriteBatch.Builder batch = WriteBatch.builder().add(new Mutation.RequireHeld(id));
    if (attributes.deliverAtMs() > 0) {
      batch.add(absentRow(id));
    }
    return batch.add(new Mutation.Reschedule(id, kind, wakeAtMs, attributes.encode()));
  }

  static AuditTrail.Subject subject(Handle handle, Known.Open open) {
    return new AuditTrail.Subject(
        handle.toString(),
        open.attributes().producerGroup(),
        open.attributes().uniqueKey(),
        open.queue().toString());
  }

  private static Mutation.Require absentRow(HoldId id) {
    return new Mutation.Require(DECIDED_TABLE, rowKey(id), Mutation.Require.ABSENT);
  }

  private static Bytes longs(long value) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  /** The interval of the rules, or the default where the hold cannot be understood. */
  private long postponeMs(HoldEntry entry) {
    CheckRules resolved;
    try {
      resolved =
          HoldAttributes.decode(entry.attributes())
              .map(it -> rulesOf(entry, it))
              .orElse(CheckRules.DEFAULT);
    } catch (IllegalStateException | IllegalArgumentException _) {
      resolved = CheckRules.DEFAULT;
    }
    return resolved.interval().toMillis();
  }

  private static long later(long nowMs, long byMs) {
    return byMs >= Mutation.Hold.NEVER - nowMs ? Mutation.Hold.NEVER - 1 : nowMs + byMs;
  }
}
