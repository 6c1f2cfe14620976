package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.Outcome.Result;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A batch is all or nothing, and its changes see the ones before them. */
public abstract class AtomicityContract extends StorageContract {

  @Test
  void everythingOfABatchHappens() {
    hold(id(1), ORDERS, "held");
    put("gone", "row");
    WriteReceipt receipt =
        write(
            new Mutation.Release(id(1)),
            new Mutation.Append(PAYMENTS, SampleMessages.message(PAYMENTS, "plain")),
            holdOf(id(2), ORDERS_1, "next"),
            putOf("row", "value"),
            new Mutation.Delete(TABLE, Bytes.utf8("gone")));

    assertThat(receipt.applied()).isTrue();
    assertThat(receipt.outcomes()).extracting(Outcome::result).containsOnly(Result.APPLIED);
    assertThat(texts(ORDERS)).containsExactly("held");
    assertThat(texts(PAYMENTS)).containsExactly("plain");
    assertThat(storage().escrow().status(id(1)).state()).isEqualTo(HoldStatus.State.RELEASED);
    assertThat(storage().escrow().status(id(2))).isEqualTo(HoldStatus.HELD);
    assertThat(valueOf("row")).contains("value");
    assertThat(valueOf("gone")).isEmpty();
  }

  @Test
  void nothingOfARejectedBatchHappens() {
    Before before = prepare();
    List<Mutation> mutations = everyChange();
    mutations.add(new Mutation.Require(TABLE, Bytes.utf8("row"), Mutation.Require.ABSENT));
    WriteReceipt receipt = write(mutations.toArray(Mutation[]::new));

    assertThat(receipt.applied()).isFalse();
    assertThat(receipt.outcomes()).hasSameSizeAs(mutations);
    assertThat(receipt.outcomes().subList(0, mutations.size() - 1))
        .containsOnly(Outcome.NOT_APPLIED);
    assertThat(receipt.outcomes().getLast().result()).isEqualTo(Result.PRECONDITION_FAILED);
    before.assertUnchanged();
  }

  @Test
  void nothingOfAFencedBatchHappens() {
    Before before = prepare();
    List<Mutation> mutations = everyChange();
    mutations.add(new Mutation.Fence("scope", 17));
    assertThatThrownBy(() -> write(mutations.toArray(Mutation[]::new)))
        .isInstanceOf(StorageException.Fenced.class);
    before.assertUnchanged();
  }

  @Test
  void nothingOfATooLargeBatchHappens() {
    Before before = prepare();
    List<Mutation> mutations = everyChange();
    Bytes tooLarge = Bytes.wrap(new byte[Tables.MAX_VALUE_BYTES + 1]);
    mutations.add(new Mutation.Put(TABLE, Bytes.utf8("large"), tooLarge));
    assertThatThrownBy(() -> write(mutations.toArray(Mutation[]::new)))
        .isInstanceOf(StorageException.TooLarge.class);
    before.assertUnchanged();
  }

  @Test
  void aHoldCanBeReleasedInItsOwnBatch() {
    WriteReceipt receipt = write(holdOf(id(1), ORDERS, "a"), new Mutation.Release(id(1)));
    assertThat(receipt.outcome(0)).isEqualTo(Outcome.APPLIED);
    assertThat(receipt.outcome(1).result()).isEqualTo(Result.APPLIED);
    assertThat(receipt.outcome(1).queueOffset()).isZero();
    assertThat(texts(ORDERS)).containsExactly("a");
    assertThat(storage().escrow().get(id(1))).isEmpty();
  }

  @Test
  void aHoldCanBeDiscardedInItsOwnBatch() {
    WriteReceipt receipt =
        write(
            holdOf(id(1), ORDERS, "a"),
            new Mutation.Discard(id(1)),
            new Mutation.Release(id(1)),
            holdOf(id(1), ORDERS, "again"));
    assertThat(receipt.outcomes())
        .extracting(Outcome::result)
        .containsExactly(
            Result.APPLIED, Result.APPLIED, Result.ALREADY_DISCARDED, Result.ALREADY_DISCARDED);
    assertThat(texts(ORDERS)).isEmpty();
  }

  @Test
  void aHoldCanBeRescheduledInItsOwnBatch() {
    apply(
        holdOf(id(1), ORDERS, "a"),
        new Mutation.Reschedule(id(1), HoldKind.DELAY, 99, Bytes.utf8("new")));
    assertThat(storage().escrow().get(id(1)).orElseThrow().entry())
        .satisfies(entry -> {
          assertThat(entry.kind()).isEqualTo(HoldKind.DELAY);
          assertThat(entry.wakeAtMs()).isEqualTo(99);
          assertThat(entry.attributes()).isEqualTo(Bytes.utf8("new"));
        });
  }

  @Test
  void laterReleasesOfABatchSeeEarlierOnes() {
    hold(id(1), ORDERS, "a");
    WriteReceipt receipt =
        write(
            new Mutation.Release(id(1)),
            new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "b")),
            new Mutation.Release(id(1)),
            new Mutation.Discard(id(1)));
    assertThat(receipt.outcomes())
        .extracting(Outcome::result)
        .containsExactly(
            Result.APPLIED, Result.APPLIED, Result.ALREADY_RELEASED, Result.ALREADY_RELEASED);
    assertThat(receipt.outcome(2).queueOffset()).isZero();
    assertThat(receipt.outcome(2).position()).isEqualTo(receipt.outcome(0).position());
    assertThat(receipt.outcome(1).queueOffset()).isEqualTo(1);
    assertThat(texts(ORDERS)).containsExactly("a", "b");
  }

  @Test
  void theLastChangeOfARowInABatchWins() {
    write(
        putOf("k", "1"),
        putOf("k", "2"),
        putOf("d", "1"),
        new Mutation.Delete(TABLE, Bytes.utf8("d")),
        new Mutation.Delete(TABLE, Bytes.utf8("e")),
        putOf("e", "after the delete"));
    assertThat(valueOf("k")).contains("2");
    assertThat(valueOf("d")).isEmpty();
    assertThat(valueOf("e")).contains("after the delete");
  }

  @Test
  void aTrimSeesTheAppendsBeforeIt() {
    write(
        new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "a")),
        new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "b")),
        new Mutation.Trim(ORDERS, 1),
        new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "c")));
    assertThat(texts(ORDERS)).containsExactly("b", "c");
  }

  private Before prepare() {
    append(ORDERS, "visible");
    hold(id(1), ORDERS, "to release");
    hold(id(2), ORDERS, "to discard");
    hold(id(3), PAYMENTS, "to reschedule");
    put("row", "old");
    put("other", "kept");
    return new Before();
  }

  private List<Mutation> everyChange() {
    return new ArrayList<>(
        List.of(
            new Mutation.Append(PAYMENTS, SampleMessages.message(PAYMENTS, "never")),
            holdOf(id(9), ORDERS, "never"),
            new Mutation.Release(id(1)),
            new Mutation.Discard(id(2)),
            new Mutation.Reschedule(id(3), HoldKind.PARKED, 5, Bytes.EMPTY),
            putOf("row", "new"),
            putOf("another", "new"),
            new Mutation.Delete(TABLE, Bytes.utf8("other")),
            new Mutation.Trim(ORDERS, 1)));
  }

  private Optional<String> valueOf(String key) {
    return storage().tables().get(TABLE, Bytes.utf8(key)).map(row -> row.value().asUtf8());
  }

  /** What the store answered before the batch that must not happen. */
  private final class Before {
    private final Object holds = holds();
    private final List<TableRow> rows = rows();

    void assertUnchanged() {
      assertThat(texts(ORDERS)).containsExactly("visible");
      assertThat(texts(PAYMENTS)).isEmpty();
      assertThat(holds()).isEqualTo(holds);
      assertThat(rows()).isEqualTo(rows);
      assertThat(storage().escrow().status(id(9))).isEqualTo(HoldStatus.UNKNOWN);
      assertThat(append(ORDERS, "next").queueOffset()).isEqualTo(1);
      assertThat(append(PAYMENTS, "next").queueOffset()).isZero();
    }

    private List<TableRow> rows() {
      return storage().tables().scan(TABLE, Bytes.EMPTY, Optional.empty(), 100);
    }

    private Object holds() {
      return List.of(
          storage().escrow().scan(HoldKind.TRANSACTION, Optional.empty(), 100),
          storage().escrow().counts());
    }
  }
}
