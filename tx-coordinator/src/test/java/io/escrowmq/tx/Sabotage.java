package io.escrowmq.tx;

import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Ways to break the coordinator on purpose: a proof is worth what it notices. */
enum Sabotage {
  /** Nothing is broken. */
  NONE,
  /** Decide without the compare-and-set. */
  SKIP_PRECONDITIONS,
  /** Decide without the mark that a delayed message is decided. */
  SKIP_DECIDED_MARK,
  /** Decide without a record. */
  NO_AUDIT,
  /** When the questions are used up, roll back: what others call a limit. */
  GIVE_UP_MEANS_ROLLBACK,
  /** The half message is visible from the start. */
  VISIBLE_TOO_EARLY,
  /** A half message is acknowledged before it is stored. */
  ACKNOWLEDGE_BEFORE_FLUSH,
  /** A question that reached nobody counts. */
  COUNT_EMPTY_ATTEMPTS,
  /** A question that reached somebody does not count. */
  FORGET_ATTEMPTS;

  /** What the store gets instead; null for nothing. */
  private @Nullable Mutation rewritten(Mutation mutation) {
    boolean drop =
        switch (this) {
          case SKIP_PRECONDITIONS ->
              mutation instanceof Mutation.RequireHeld || mutation instanceof Mutation.Require;
          case SKIP_DECIDED_MARK -> mutation instanceof Mutation.Require;
          case NO_AUDIT ->
              mutation instanceof Mutation.Append it && it.queue().equals(AuditTrail.QUEUE);
          case FORGET_ATTEMPTS -> mutation instanceof Mutation.Reschedule;
          default -> false;
        };
    if (drop) {
      return null;
    }
    if (this == GIVE_UP_MEANS_ROLLBACK
        && mutation instanceof Mutation.Reschedule it
        && it.kind() == HoldKind.PARKED) {
      return new Mutation.Discard(it.id());
    }
    return this == VISIBLE_TOO_EARLY && mutation instanceof Mutation.Hold hold
        ? new Mutation.Append(hold.queue(), hold.message())
        : mutation;
  }

  UnaryOperator<Storage> storage() {
    return switch (this) {
      case NONE, COUNT_EMPTY_ATTEMPTS -> UnaryOperator.identity();
      case ACKNOWLEDGE_BEFORE_FLUSH -> Hasty::new;
      default -> inner -> new Rewriting(inner, this::rewritten);
    };
  }

  UnaryOperator<CheckChannel> channel() {
    return this == COUNT_EMPTY_ATTEMPTS ? Boasting::new : UnaryOperator.identity();
  }

  /** Changes or drops mutations; for dropped ones the receipt says they took effect. */
  static final class Rewriting extends ForwardingStorage {
    private final Function<Mutation, @Nullable Mutation> rewrite;

    Rewriting(Storage inner, Function<Mutation, @Nullable Mutation> rewrite) {
      super(inner);
      this.rewrite = rewrite;
    }

    @Override
    public CompletionStage<WriteReceipt> write(WriteBatch batch) {
      List<Mutation> kept = new ArrayList<>();
      List<Integer> dropped = new ArrayList<>();
      for (int i = 0; i < batch.mutations().size(); i++) {
        Mutation changed = rewrite.apply(batch.mutations().get(i));
        if (changed == null) {
          dropped.add(i);
        } else {
          kept.add(changed);
        }
      }
      if (kept.isEmpty()) {
        return CompletableFuture.completedFuture(
            new WriteReceipt(true, 0, Collections.nCopies(dropped.size(), Outcome.APPLIED)));
      }
      return super.write(new WriteBatch(kept, batch.durability()))
          .thenApply(receipt -> padded(receipt, dropped));
    }

    private static WriteReceipt padded(WriteReceipt receipt, List<Integer> dropped) {
      List<Outcome> outcomes = new ArrayList<>(receipt.outcomes());
      dropped.forEach(index -> outcomes.add(index, Outcome.APPLIED));
      return new WriteReceipt(receipt.applied(), receipt.storeTimeMs(), outcomes);
    }
  }

  /** Answers holds at once and stores them with the next write; a restart forgets the last one. */
  private static final class Hasty extends ForwardingStorage {
    private final List<WriteBatch> unwritten = new ArrayList<>();

    private Hasty(Storage inner) {
      super(inner);
    }

    @Override
    public synchronized CompletionStage<WriteReceipt> write(WriteBatch batch) {
      unwritten.forEach(super::write);
      unwritten.clear();
      if (batch.mutations().getFirst() instanceof Mutation.Hold) {
        unwritten.add(batch);
        return CompletableFuture.completedFuture(
            new WriteReceipt(true, 0, List.of(Outcome.APPLIED)));
      }
      return super.write(batch);
    }
  }

  /** Says that everybody is there and that every question was written. */
  private static final class Boasting implements CheckChannel {
    private final CheckChannel inner;

    private Boasting(CheckChannel inner) {
      this.inner = inner;
    }

    @Override
    public boolean reachable(String producerGroup) {
      return true;
    }

    @Override
    public CompletionStage<Asked> ask(Question question) {
      return inner
          .ask(question)
          .thenApply(
              asked -> asked instanceof Asked.NotWritten ? new Asked.Written("nobody") : asked);
    }
  }
}
