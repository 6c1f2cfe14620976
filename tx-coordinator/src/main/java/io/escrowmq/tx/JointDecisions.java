package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The batches of joint transactions. Pure. A joint transaction is an <em>anchor</em>, a held
 * message like any other transaction's, so that it is asked about, parked, decided and remembered
 * as one; and its <em>members</em>, held until the anchor is decided. Releasing or discarding the
 * anchor, in the same batch as the members, is the decision.
 */
final class JointDecisions {

  private static final byte ATTRIBUTES_MAGIC = 0x4A;
  private static final byte ATTRIBUTES_VERSION = 1;

  private final Handles handles;

  JointDecisions(Handles handles) {
    this.handles = handles;
  }

  /**
   * A batch that decides.
   *
   * @param holds place of each member's precondition in the batch, by number
   * @param changes place of each released or rescheduled member in the batch, by number
   */
  record Attempt(
      WriteBatch batch, SortedMap<Integer, Integer> holds, SortedMap<Integer, Integer> changes) {

    /** Members that the store does not hold though they are registered. */
    List<Integer> missing(WriteReceipt receipt) {
      return holds.entrySet().stream()
          .filter(hold -> {
            Outcome.Result result = receipt.outcome(hold.getValue()).result();
            return result != Outcome.Result.APPLIED && result != Outcome.Result.NOT_APPLIED;
          })
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  static boolean isAnchor(Known known) {
    return known instanceof Known.Open open && open.queue().equals(JointTransactions.QUEUE);
  }

  /** What the producer is asked about, and what becomes visible of the anchor on commit. */
  static Message anchor(JointOpening opening, Handle transaction, long nowMs) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(MessageProperties.UNIQUE_KEY, opening.key());
    properties.put(MessageProperties.PRODUCER_GROUP, opening.producerGroup());
    properties.put(MessageProperties.TRANSACTION, "true");
    properties.put(MessageProperties.REAL_TOPIC, JointTransactions.QUEUE.topic());
    properties.put(MessageProperties.REAL_QUEUE, Integer.toString(JointTransactions.QUEUE.queue()));
    return new MessageBuilder()
        .queue(JointTransactions.QUEUE)
        .systemFlag(MessageFormat.FLAG_TRANSACTION_COMMIT)
        .bornTimeMs(nowMs)
        .body(opening.key().getBytes(UTF_8))
        .preparedTransactionOffset(transaction.a())
        .propertiesText(MessageProperties.format(properties))
        .build();
  }

  /** T4: hold one more. */
  WriteBatch add(JointMessage message, Bytes digest, long registerVersion) {
    Handle transaction = message.transaction();
    JointRows.Member member = new JointRows.Member(message.queue(), message.deliverAtMs(), digest);
    return WriteBatch.of(
        new Mutation.RequireHeld(transaction.holdId()),
        new Mutation.Require(JointRows.TABLE, JointRows.registerKey(transaction), registerVersion),
        new Mutation.Hold(
            handles.member(transaction, message.sequence()),
            message.queue(),
            message.message(),
            HoldKind.MEMBER,
            Mutation.Hold.NEVER,
            attributes(transaction, message.sequence())),
        new Mutation.Put(
            JointRows.TABLE, JointRows.memberKey(transaction, message.sequence()), member.encode()),
        new Mutation.Put(
            JointRows.TABLE, JointRows.registerKey(transaction), JointRows.registerValue()));
  }

  /** Place of the hold in the batch of {@link #add}. */
  static final int HOLD_IN_ADD = 2;

  /** Takes back a row whose message could not be held. */
  static WriteBatch remove(Handle transaction, int sequence) {
    return WriteBatch.of(
        new Mutation.Delete(JointRows.TABLE, JointRows.memberKey(transaction, sequence)));
  }

  /** The numbers that a commit names and nobody added. */
  static List<Integer> absent(JointEnd end, JointRows.Register register) {
    if (end.decision() == Decision.ROLLBACK || end.named().isEmpty()) {
      return List.of();
    }
    SortedSet<Integer> absent = new TreeSet<>(end.named().get());
    absent.removeAll(register.members().keySet());
    return List.copyOf(absent);
  }

  /** T5, T7: decide all at once. */
  Attempt decide(JointEnd end, Known.Open anchor, JointRows.Register register, long nowMs) {
    Handle transaction = end.transaction();
    boolean commit = end.decision() == Decision.COMMIT;
    List<Mutation> batch = new ArrayList<>();
    SortedMap<Integer, Integer> holds = new TreeMap<>();
    SortedMap<Integer, Integer> changes = new TreeMap<>();
    batch.add(new Mutation.RequireHeld(transaction.holdId()));
    batch.add(
        new Mutation.Require(
            JointRows.TABLE, JointRows.registerKey(transaction), register.version()));
    if (commit) {
      for (int sequence : register.members().keySet()) {
        if (isCommitted(end, sequence)) {
          holds.put(sequence, batch.size());
          batch.add(new Mutation.RequireHeld(handles.member(transaction, sequence)));
        }
      }
    }
    register
        .members()
        .forEach((sequence, member) -> {
          HoldId id = handles.member(transaction, sequence);
          if (!isCommitted(end, sequence)) {
            batch.add(new Mutation.Discard(id));
          } else {
            changes.put(sequence, batch.size());
            batch.add(
                member.deliverAtMs() > nowMs
                    ? new Mutation.Reschedule(
                        id, HoldKind.DELAY, member.deliverAtMs(), attributes(transaction, sequence))
                    : new Mutation.Release(id));
          }
          batch.add(
              new Mutation.Delete(JointRows.TABLE, JointRows.memberKey(transaction, sequence)));
        });
    batch.add(new Mutation.Delete(JointRows.TABLE, JointRows.registerKey(transaction)));
    batch.add(
        commit
            ? new Mutation.Release(transaction.holdId())
            : new Mutation.Discard(transaction.holdId()));
    batch.add(audit(end, anchor, register, nowMs));
    return new Attempt(WriteBatch.builder().addAll(batch).build(), holds, changes);
  }

  /** Where the committed messages are now. */
  static List<JointOutcome.Placed> placed(
      Attempt attempt, JointRows.Register register, WriteReceipt receipt) {
    List<JointOutcome.Placed> placed = new ArrayList<>();
    attempt
        .changes()
        .forEach((sequence, index) -> {
          JointRows.Member member = register.members().get(sequence);
          boolean delayed = attempt.batch().mutations().get(index) instanceof Mutation.Reschedule;
          placed.add(
              new JointOutcome.Placed(
                  sequence,
                  receipt.outcome(index).queueOffset(),
                  delayed && member != null ? member.deliverAtMs() : 0));
        });
    return placed;
  }

  private static boolean isCommitted(JointEnd end, int sequence) {
    return end.decision() == Decision.COMMIT
        && end.named().map(named -> named.contains(sequence)).orElse(true);
  }

  private static Mutation.Append audit(
      JointEnd end, Known.Open anchor, JointRows.Register register, long nowMs) {
    StringBuilder holds = new StringBuilder("[");
    register
        .members()
        .forEach((sequence, member) -> {
          Map<String, Object> hold = new LinkedHashMap<>();
          hold.put("sequence", sequence);
          hold.put("queue", member.queue().toString());
          hold.put("deliverAt", member.deliverAtMs());
          hold.put("decision", (isCommitted(end, sequence) ? Decision.COMMIT : Decision.ROLLBACK));
          holds.append(holds.length() > 1 ? "," : "").append(AuditTrail.json(hold));
        });
    HoldAttributes attributes = anchor.attributes();
    return AuditTrail.append(
        AuditTrail.Event.DECIDED,
        Decisions.subject(end.transaction(), anchor),
        end.decider(),
        nowMs,
        Map.of(
            "decision", end.decision().name(),
            "heldAt", attributes.heldAtMs(),
            "attempts", attributes.attempts(),
            "deliverAt", 0,
            "holds", new AuditTrail.Json(holds.append(']').toString())));
  }

  static Bytes attributes(Handle transaction, int sequence) {
    return Bytes.wrap(
        ByteBuffer.allocate(2 + 2 * Long.BYTES + Integer.BYTES)
            .put(ATTRIBUTES_MAGIC)
            .put(ATTRIBUTES_VERSION)
            .putLong(transaction.a())
            .putLong(transaction.b())
            .putInt(sequence)
            .array());
  }
}
