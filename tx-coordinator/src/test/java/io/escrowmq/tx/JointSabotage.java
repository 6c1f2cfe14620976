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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Ways to break transactions of several messages on purpose. */
enum JointSabotage {
  /** Nothing is broken. */
  NONE,
  /** Decide and add without looking whether it is still open. */
  SKIP_ANCHOR,
  /** Decide and add without looking whether something was added meanwhile. */
  SKIP_REGISTER_VERSION,
  /** Release the messages one write after the other. */
  TORN,
  /** Leave what a decision drops where it is. */
  FORGET_TO_DISCARD,
  /** Decide without a record. */
  NO_AUDIT,
  /** A message is visible as soon as it is added. */
  VISIBLE_TOO_EARLY,
  /** An addition is acknowledged before it is stored. */
  ACKNOWLEDGE_BEFORE_FLUSH,
  /** Forget in the register what was added. */
  FORGET_MEMBERS;

  UnaryOperator<Storage> storage() {
    return switch (this) {
      case NONE -> UnaryOperator.identity();
      case TORN -> Tearing::new;
      case ACKNOWLEDGE_BEFORE_FLUSH -> Hasty::new;
      default -> inner -> new Sabotage.Rewriting(inner, this::rewritten);
    };
  }

  private @Nullable Mutation rewritten(Mutation mutation) {
    boolean drop =
        switch (this) {
          case SKIP_ANCHOR -> mutation instanceof Mutation.RequireHeld;
          case SKIP_REGISTER_VERSION ->
              mutation instanceof Mutation.Require it && it.table().equals(JointRows.TABLE);
          case FORGET_TO_DISCARD -> mutation instanceof Mutation.Discard;
          case NO_AUDIT ->
              mutation instanceof Mutation.Append it && it.queue().equals(AuditTrail.QUEUE);
          case FORGET_MEMBERS ->
              mutation instanceof Mutation.Put it
                  && it.table().equals(JointRows.TABLE)
                  && it.value().size() > 1;
          default -> false;
        };
    if (drop) {
      return null;
    }
    return this == VISIBLE_TOO_EARLY
            && mutation instanceof Mutation.Hold hold
            && hold.kind() == HoldKind.MEMBER
        ? new Mutation.Append(hold.queue(), hold.message())
        : mutation;
  }

  /** Writes the last release of a batch with several only with the next batch. */
  private static final class Tearing extends ForwardingStorage {
    private final List<WriteBatch> rest = new ArrayList<>();

    private Tearing(Storage inner) {
      super(inner);
    }

    @Override
    public synchronized CompletionStage<WriteReceipt> write(WriteBatch batch) {
      rest.forEach(super::write);
      rest.clear();
      List<Mutation> mutations = new ArrayList<>(batch.mutations());
      for (int i = 0; i < mutations.size(); i++) {
        int index = i;
        if (mutations.get(i) instanceof Mutation.Release && mutations.size() > 6) {
          rest.add(WriteBatch.of(mutations.remove(i)));
          return super.write(new WriteBatch(mutations, batch.durability()))
              .thenApply(receipt -> {
                List<Outcome> outcomes = new ArrayList<>(receipt.outcomes());
                outcomes.add(index, Outcome.APPLIED);
                return new WriteReceipt(receipt.applied(), receipt.storeTimeMs(), outcomes);
              });
        }
      }
      return super.write(batch);
    }
  }

  /** Answers additions at once and stores them with the next write; a restart forgets the last. */
  private static final class Hasty extends ForwardingStorage {
    private final List<WriteBatch> unwritten = new ArrayList<>();

    private Hasty(Storage inner) {
      super(inner);
    }

    @Override
    public synchronized CompletionStage<WriteReceipt> write(WriteBatch batch) {
      unwritten.forEach(super::write);
      unwritten.clear();
      boolean adds =
          batch.mutations().stream()
              .anyMatch(it -> it instanceof Mutation.Hold hold && hold.kind() == HoldKind.MEMBER);
      if (adds) {
        unwritten.add(batch);
        return CompletableFuture.completedFuture(
            new WriteReceipt(
                true, 0, Collections.nCopies(batch.mutations().size(), Outcome.APPLIED)));
      }
      return super.write(batch);
    }
  }
}
