package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The reference engine with one mistake in front of it. */
final class MutantStorage implements Storage {

  /** The mistakes. */
  enum Mistake {
    DROPS_THE_LAST_MUTATION,
    REVERSES_A_DECISION,
    SKIPS_AN_OFFSET,
    IGNORES_PRECONDITIONS,
    SHOWS_HELD_MESSAGES,
    FORGETS_DECIDED_IDS,
    LETS_RECEIPTS_OVERTAKE,
    REPEATS_ROW_VERSIONS,
    ORDERS_DUE_BY_ID,
    LOSES_RESCHEDULED_KIND,
    STAMPS_THE_WRONG_OFFSET,
    FORGETS_STORE_TIMES,
    CLAIMS_TO_SURVIVE
  }

  private final InMemoryStorage memory;
  private final Mistake mistake;
  private final Map<HoldId, Mutation.Hold> discardable = new HashMap<>();
  private int appends;

  MutantStorage(InMemoryStorage memory, Mistake mistake) {
    this.memory = memory;
    this.mistake = mistake;
  }

  @Override
  public Set<Capability> capabilities() {
    return memory.capabilities();
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return mistake == Mistake.CLAIMS_TO_SURVIVE
        ? EnumSet.allOf(Mishap.class)
        : memory.survives(durability);
  }

  @Override
  public synchronized CompletionStage<WriteReceipt> write(WriteBatch batch) {
    List<Mutation> mutations = new ArrayList<>();
    for (Mutation mutation : batch.mutations()) {
      mutations.addAll(spoil(mutation));
    }
    if (mistake == Mistake.DROPS_THE_LAST_MUTATION && mutations.size() > 1) {
      mutations.set(mutations.size() - 1, new Mutation.Trim(StorageContract.ORDERS, 0));
    }
    CompletionStage<WriteReceipt> receipt =
        memory.write(WriteBatch.of(mutations.toArray(Mutation[]::new)));
    if (mistake == Mistake.LETS_RECEIPTS_OVERTAKE) {
      return overtaking(receipt);
    }
    int wanted = batch.mutations().size();
    return receipt.thenApply(whole ->
        new WriteReceipt(
            whole.applied(),
            whole.storeTimeMs(),
            whole
                .outcomes()
                .subList(whole.outcomes().size() - wanted, whole.outcomes().size())
                .stream()
                .map(this::spoil)
                .toList()));
  }

  private List<Mutation> spoil(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Append append when mistake == Mistake.SKIPS_AN_OFFSET && isThird() -> {
        Message ghost = SampleMessages.message(append.queue(), "ghost");
        yield List.of(new Mutation.Append(append.queue(), ghost), append);
      }
      case Mutation.Hold hold -> {
        discardable.put(hold.id(), hold);
        yield mistake == Mistake.SHOWS_HELD_MESSAGES
            ? List.of(new Mutation.Append(hold.queue(), hold.message()), hold)
            : List.of(hold);
      }
      case Mutation.Release release
          when mistake == Mistake.REVERSES_A_DECISION && isDiscarded(release.id()) -> {
        Mutation.Hold hold = discardable.get(release.id());
        yield List.of(new Mutation.Append(hold.queue(), hold.message()));
      }
      case Mutation.Restore.Visible visible when mistake == Mistake.FORGETS_STORE_TIMES ->
          List.of(new Mutation.Append(visible.queue(), visible.message()));
      case Mutation.Require ignored when mistake == Mistake.IGNORES_PRECONDITIONS ->
          List.of(new Mutation.Trim(StorageContract.ORDERS, 0));
      case Mutation.RequireHeld ignored when mistake == Mistake.IGNORES_PRECONDITIONS ->
          List.of(new Mutation.Trim(StorageContract.ORDERS, 0));
      case Mutation.Reschedule change when mistake == Mistake.LOSES_RESCHEDULED_KIND ->
          List.of(
              new Mutation.Reschedule(
                  change.id(), HoldKind.TRANSACTION, change.wakeAtMs(), change.attributes()));
      default -> List.of(mutation);
    };
  }

  private Outcome spoil(Outcome outcome) {
    boolean decided =
        outcome.result() == Outcome.Result.ALREADY_RELEASED
            || outcome.result() == Outcome.Result.ALREADY_DISCARDED;
    if (mistake == Mistake.FORGETS_DECIDED_IDS && decided) {
      return Outcome.of(Outcome.Result.UNKNOWN);
    }
    if (mistake == Mistake.STAMPS_THE_WRONG_OFFSET && outcome.queueOffset() > 3) {
      return new Outcome(outcome.result(), outcome.queueOffset() - 1, outcome.position());
    }
    return outcome;
  }

  private boolean isThird() {
    appends++;
    return appends % 3 == 0;
  }

  private boolean isDiscarded(HoldId id) {
    return memory.escrow().status(id).state() == HoldStatus.State.DISCARDED;
  }

  /** Every other receipt waits for the one after it. */
  private CompletionStage<WriteReceipt> overtaking(CompletionStage<WriteReceipt> receipt) {
    CompletableFuture<WriteReceipt> held = new CompletableFuture<>();
    if (++appends % 2 == 1) {
      CompletableFuture.delayedExecutor(5, java.util.concurrent.TimeUnit.MILLISECONDS)
          .execute(() -> receipt.thenAccept(held::complete));
      return held;
    }
    return receipt;
  }

  @Override
  public MessageLog log() {
    return memory.log();
  }

  @Override
  public Escrow escrow() {
    return mistake == Mistake.ORDERS_DUE_BY_ID ? new DueById(memory.escrow()) : memory.escrow();
  }

  @Override
  public Tables tables() {
    return mistake == Mistake.REPEATS_ROW_VERSIONS
        ? new OneVersion(memory.tables())
        : memory.tables();
  }

  @Override
  public MessageIndex index() {
    return memory.index();
  }

  @Override
  public Ownership ownership() {
    return memory.ownership();
  }

  @Override
  public Maintenance maintenance() {
    return memory.maintenance();
  }

  @Override
  public void close() {
    memory.close();
  }

  private record OneVersion(Tables tables) implements Tables {
    @Override
    public Optional<TableRow> get(String table, Bytes key) {
      return tables.get(table, key).map(row -> new TableRow(row.key(), row.value(), 1));
    }

    @Override
    public List<TableRow> scan(String table, Bytes prefix, Optional<Bytes> after, int limit) {
      return tables.scan(table, prefix, after, limit);
    }

    @Override
    public List<String> names() {
      return tables.names();
    }
  }

  private record DueById(Escrow escrow) implements Escrow {
    @Override
    public Optional<HeldMessage> get(HoldId id) {
      return escrow.get(id);
    }

    @Override
    public HoldStatus status(HoldId id) {
      return escrow.status(id);
    }

    @Override
    public List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit) {
      return escrow.due(kind, after, beforeMs, limit).stream()
          .sorted(Comparator.comparing(HoldEntry::id))
          .toList();
    }

    @Override
    public List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit) {
      return escrow.scan(kind, after, limit);
    }

    @Override
    public List<DecidedHold> decided(Optional<HoldId> after, int limit) {
      return escrow.decided(after, limit);
    }

    @Override
    public Map<HoldGroup, Long> counts() {
      return escrow.counts();
    }
  }
}
