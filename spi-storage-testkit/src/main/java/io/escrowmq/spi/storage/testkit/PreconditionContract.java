package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Outcome.Result;
import io.escrowmq.spi.storage.Ownership.Lease;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Preconditions are judged inside the write, against the store as it was before the batch. */
public abstract class PreconditionContract extends StorageContract {

  @Test
  void aRowMayBeRequiredToBeAbsent() {
    assertThat(write(require("k", Mutation.Require.ABSENT), putOf("k", "1")).applied()).isTrue();
    WriteReceipt second = write(require("k", Mutation.Require.ABSENT), putOf("k", "2"));
    assertThat(second.applied()).isFalse();
    assertThat(second.outcomes())
        .containsExactly(Outcome.of(Result.PRECONDITION_FAILED), Outcome.NOT_APPLIED);
    assertThat(row("k").value()).isEqualTo(Bytes.utf8("1"));
  }

  @Test
  void aRowMayBeRequiredToHaveItsVersion() {
    put("k", "1");
    long first = row("k").version();
    WriteReceipt receipt = write(require("k", first), putOf("k", "2"));
    assertThat(receipt.applied()).isTrue();
    assertThat(receipt.outcomes()).containsExactly(Outcome.APPLIED, Outcome.APPLIED);
    assertThat(write(require("k", first), putOf("k", "3")).applied()).isFalse();
    assertThat(row("k").value()).isEqualTo(Bytes.utf8("2"));
  }

  @Test
  void aDeletedRowIsAbsent() {
    put("k", "1");
    long version = row("k").version();
    apply(new Mutation.Delete(TABLE, Bytes.utf8("k")));
    assertThat(write(require("k", version)).applied()).isFalse();
    assertThat(write(require("k", Mutation.Require.ABSENT)).applied()).isTrue();
  }

  @Test
  void preconditionsSeeTheStoreBeforeTheBatch() {
    WriteReceipt receipt =
        write(
            putOf("k", "1"),
            require("k", Mutation.Require.ABSENT),
            holdOf(id(1), ORDERS, "a"),
            new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "b")));
    assertThat(receipt.applied()).isTrue();

    WriteReceipt notYetHeld = write(holdOf(id(2), ORDERS, "c"), new Mutation.RequireHeld(id(2)));
    assertThat(notYetHeld.applied()).isFalse();
    assertThat(notYetHeld.outcomes())
        .containsExactly(Outcome.NOT_APPLIED, Outcome.of(Result.UNKNOWN));

    WriteReceipt stillHeld = write(new Mutation.Release(id(1)), new Mutation.RequireHeld(id(1)));
    assertThat(stillHeld.applied()).isTrue();
    assertThat(texts(ORDERS)).containsExactly("b", "a");
  }

  @Test
  void requireHeldSaysWhatTheIdIsInstead() {
    hold(id(1), ORDERS, "released");
    hold(id(2), ORDERS, "discarded");
    Outcome release = apply(new Mutation.Release(id(1)));
    apply(new Mutation.Discard(id(2)));
    hold(id(4), ORDERS, "held");

    Outcome released =
        new Outcome(Result.ALREADY_RELEASED, release.queueOffset(), release.position());
    assertRejected(released, new Mutation.RequireHeld(id(1)));
    assertRejected(Outcome.of(Result.ALREADY_DISCARDED), new Mutation.RequireHeld(id(2)));
    assertRejected(Outcome.of(Result.UNKNOWN), new Mutation.RequireHeld(id(3)));
    assertThat(write(new Mutation.RequireHeld(id(4))).outcomes()).containsExactly(Outcome.APPLIED);
  }

  @Test
  void aRejectedBatchNamesEveryFailedPrecondition() {
    hold(id(1), ORDERS, "held");
    put("k", "1");
    WriteReceipt receipt =
        write(
            require("k", row("k").version()),
            require("k", Mutation.Require.ABSENT),
            new Mutation.RequireHeld(id(1)),
            new Mutation.RequireHeld(id(2)),
            new Mutation.Release(id(1)));
    assertThat(receipt.applied()).isFalse();
    assertThat(receipt.outcomes())
        .extracting(Outcome::result)
        .containsExactly(
            Result.NOT_APPLIED,
            Result.PRECONDITION_FAILED,
            Result.NOT_APPLIED,
            Result.UNKNOWN,
            Result.NOT_APPLIED);
    assertThat(texts(ORDERS)).isEmpty();
  }

  @Test
  void aBatchMayConsistOfPreconditionsOnly() {
    assertThat(write(require("nothing", Mutation.Require.ABSENT)).applied()).isTrue();
    assertThat(write(require("nothing", 1)).applied()).isFalse();
  }

  @Test
  void ofManyWritersInFlightOneWins() {
    List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      pending.add(
          storage()
              .write(
                  WriteBatch.of(
                      require("leader", Mutation.Require.ABSENT), putOf("leader", "w" + i)))
              .toCompletableFuture());
    }
    List<Integer> winners = new ArrayList<>();
    for (int i = 0; i < pending.size(); i++) {
      if (await(pending.get(i)).applied()) {
        winners.add(i);
      }
    }
    assertThat(winners).hasSize(1);
    assertThat(row("leader").value()).isEqualTo(Bytes.utf8("w" + winners.getFirst()));
  }

  @Test
  void compareAndSetLosesNoUpdate() {
    put("counter", "0");
    AtomicInteger won = new AtomicInteger();
    ParallelRun.of(
        4,
        thread -> {
          for (int i = 0; i < 60; i++) {
            TableRow seen = row("counter");
            int next = Integer.parseInt(seen.value().asUtf8()) + 1;
            Mutation put = putOf("counter", Integer.toString(next));
            if (write(require("counter", seen.version()), put).applied()) {
              won.incrementAndGet();
            }
          }
        });
    assertThat(row("counter").value()).isEqualTo(Bytes.utf8(Integer.toString(won.get())));
    assertThat(won.get()).isPositive();
  }

  @Test
  void decidersInFlightAgree() {
    hold(id(1), ORDERS, "one decision");
    List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Mutation decision = i % 2 == 0 ? new Mutation.Release(id(1)) : new Mutation.Discard(id(1));
      pending.add(
          storage()
              .write(WriteBatch.of(new Mutation.RequireHeld(id(1)), decision, putOf("who", "" + i)))
              .toCompletableFuture());
    }
    long applied = pending.stream().map(StorageContract::await).filter(r -> r.applied()).count();
    assertThat(applied).isEqualTo(1);
    int winner = Integer.parseInt(row("who").value().asUtf8());
    assertThat(texts(ORDERS)).hasSize(winner % 2 == 0 ? 1 : 0);
  }

  @Test
  void aFenceHoldsWhileTheLeaseIsCurrent() {
    Lease lease =
        storage().ownership().acquire("scope", "me", Duration.ofSeconds(10)).orElseThrow();
    Mutation fence = new Mutation.Fence("scope", lease.epoch());
    assertThat(write(fence, putOf("k", "1")).outcomes())
        .containsExactly(Outcome.APPLIED, Outcome.APPLIED);

    time().advanceMs(11_000);
    Lease taken =
        storage().ownership().acquire("scope", "you", Duration.ofSeconds(10)).orElseThrow();
    assertThatThrownBy(() -> write(fence, putOf("k", "2")))
        .isInstanceOf(StorageException.Fenced.class)
        .hasMessageContaining("scope");
    assertThat(row("k").value()).isEqualTo(Bytes.utf8("1"));
    assertThat(write(new Mutation.Fence("scope", taken.epoch()), putOf("k", "3")).applied())
        .isTrue();
  }

  @Test
  void aFenceOfAScopeNobodyOwnsFails() {
    assertThatThrownBy(() -> write(new Mutation.Fence("nobody", 1)))
        .isInstanceOf(StorageException.Fenced.class);
  }

  private void assertRejected(Outcome expected, Mutation precondition) {
    WriteReceipt receipt = write(precondition, putOf("never", "written"));
    assertThat(receipt.applied()).isFalse();
    assertThat(receipt.outcomes()).containsExactly(expected, Outcome.NOT_APPLIED);
    assertThat(storage().tables().get(TABLE, Bytes.utf8("never"))).isEmpty();
  }

  private static Mutation.Require require(String key, long version) {
    return new Mutation.Require(TABLE, Bytes.utf8(key), version);
  }

  private TableRow row(String key) {
    return storage().tables().get(TABLE, Bytes.utf8(key)).orElseThrow();
  }
}
