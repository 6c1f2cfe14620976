package io.escrowmq.tx;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Storage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which messages a joint transaction was committed with. The audit record of the decision says it
 * in one look-up; where that is gone already, every number is asked for. Blocks. Thread-safe.
 */
final class JointCommitted {

  /** The decision is among the latest records of a transaction, unless somebody insists. */
  private static final int MAX_RECORDS = 64;

  private final Storage storage;
  private final Handles handles;
  private final AuditReader audit;

  JointCommitted(Storage storage, Handles handles) {
    this.storage = storage;
    this.handles = handles;
    this.audit = new AuditReader(storage);
  }

  /** The messages of a committed transaction in the order of their numbers, and where they are. */
  List<JointOutcome.Placed> of(Handle transaction) {
    return recorded(transaction)
        .map(numbers -> numbers.map(number -> placed(transaction, number)))
        .orElseGet(() ->
            IntStream.range(0, JointTransactions.MAX_HOLDS)
                .mapToObj(number -> found(transaction, number))
                .flatMap(Optional::stream))
        .toList();
  }

  private Optional<Stream<Integer>> recorded(Handle transaction) {
    return audit.byKey(transaction.toString(), MAX_RECORDS, Optional.empty()).records().stream()
        .filter(record -> record.handle().equals(transaction) && record.decision().isPresent())
        .findFirst()
        .map(record ->
            record.more().get("holds") instanceof List<?> holds
                ? holds.stream().flatMap(JointCommitted::committed).sorted()
                : Stream.of());
  }

  private static Stream<Integer> committed(Object hold) {
    return hold instanceof Map<?, ?> fields
            && Decision.COMMIT.name().equals(fields.get("decision"))
            && fields.get("sequence") instanceof Number sequence
        ? Stream.of(sequence.intValue())
        : Stream.of();
  }

  private JointOutcome.Placed placed(Handle transaction, int sequence) {
    // Nowhere: it waited for its delivery time and was recalled.
    return found(transaction, sequence).orElse(new JointOutcome.Placed(sequence, -1, 0));
  }

  private Optional<JointOutcome.Placed> found(Handle transaction, int sequence) {
    HoldId id = handles.member(transaction, sequence);
    HoldStatus status = storage.escrow().status(id);
    return switch (status.state()) {
      case RELEASED -> Optional.of(new JointOutcome.Placed(sequence, status.queueOffset(), 0));
      case HELD ->
          storage
              .escrow()
              .get(id)
              .map(held -> new JointOutcome.Placed(sequence, -1, held.entry().wakeAtMs()));
      case DISCARDED, UNKNOWN -> Optional.empty();
    };
  }
}
