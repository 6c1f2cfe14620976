package io.escrowmq.spi.storage.testkit;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads of held messages. */
final class MemoryEscrow implements Escrow {

  private static final Comparator<HoldEntry> BY_WAKE_UP =
      Comparator.comparingLong(HoldEntry::wakeAtMs).thenComparing(HoldEntry::id);

  private final MemoryGate gate;
  private final MemoryContents contents;
  private final MemoryWriter writer;

  MemoryEscrow(MemoryGate gate, MemoryContents contents, MemoryWriter writer) {
    this.gate = gate;
    this.contents = contents;
    this.writer = writer;
  }

  @Override
  public Optional<HeldMessage> get(HoldId id) {
    return gate.enter(() -> Optional.ofNullable(contents.held.get(id)));
  }

  @Override
  public HoldStatus status(HoldId id) {
    return gate.enter(() -> writer.status(id));
  }

  @Override
  public List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit) {
    return gate.enter(() ->
        entries(kind)
            .filter(entry -> entry.wakeAtMs() < beforeMs)
            .filter(entry -> after.isEmpty() || BY_WAKE_UP.compare(entry, after.get()) > 0)
            .sorted(BY_WAKE_UP)
            .limit(limit)
            .toList());
  }

  @Override
  public List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit) {
    return gate.enter(() ->
        entries(kind)
            .filter(entry -> after.isEmpty() || entry.id().compareTo(after.get()) > 0)
            .limit(limit)
            .toList());
  }

  @Override
  public List<DecidedHold> decided(Optional<HoldId> after, int limit) {
    return gate.enter(() ->
        contents.decided.entrySet().stream()
            .map(decision -> new DecidedHold(decision.getKey(), decision.getValue()))
            .filter(decision -> !writer.isForgotten(decision.status()))
            .filter(decision -> after.isEmpty() || decision.id().compareTo(after.get()) > 0)
            .sorted(Comparator.comparing(DecidedHold::id))
            .limit(limit)
            .toList());
  }

  @Override
  public Map<HoldGroup, Long> counts() {
    return gate.enter(() ->
        contents.held.values().stream()
            .map(HeldMessage::entry)
            .collect(
                groupingBy(
                    entry -> new HoldGroup(entry.kind(), entry.queue().topic()), counting())));
  }

  private Stream<HoldEntry> entries(HoldKind kind) {
    return contents.held.values().stream()
        .map(HeldMessage::entry)
        .filter(entry -> entry.kind() == kind);
  }
}
