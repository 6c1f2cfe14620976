package io.escrowmq.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Batches that share one write see each other, in order, and are told apart. */
class GroupTest extends StorageContract {

  private final Detour detour = new Detour();

  @Override
  protected EngineUnderTest engine() {
    return detour;
  }

  @Test
  void preconditionsSeeTheBatchesBeforeThemInTheirGroup() {
    Mutation absent = new Mutation.Require(TABLE, Bytes.utf8("k"), Mutation.Require.ABSENT);
    List<WriteReceipt> receipts =
        together(
            WriteBatch.of(absent, putOf("k", "first")),
            WriteBatch.of(absent, putOf("k", "second")),
            WriteBatch.of(new Mutation.Delete(TABLE, Bytes.utf8("k"))),
            WriteBatch.of(absent, putOf("k", "third")));
    assertThat(receipts).extracting(WriteReceipt::applied).containsExactly(true, false, true, true);
    assertThat(storage().tables().get(TABLE, Bytes.utf8("k")).orElseThrow().value())
        .isEqualTo(Bytes.utf8("third"));
  }

  @Test
  void holdsOfAGroupAreDecidedInIt() {
    List<WriteReceipt> receipts =
        together(
            WriteBatch.of(holdOf(id(1), ORDERS, "held and released")),
            WriteBatch.of(new Mutation.RequireHeld(id(1)), new Mutation.Release(id(1))),
            WriteBatch.of(new Mutation.RequireHeld(id(1)), new Mutation.Discard(id(1))),
            WriteBatch.of(holdOf(id(2), ORDERS, "moved")),
            WriteBatch.of(new Mutation.Reschedule(id(2), HoldKind.DELAY, 7, Bytes.EMPTY)));
    assertThat(receipts)
        .extracting(WriteReceipt::applied)
        .containsExactly(true, true, false, true, true);
    assertThat(receipts.get(2).outcome(0).result()).isEqualTo(Outcome.Result.ALREADY_RELEASED);
    assertThat(texts(ORDERS)).containsExactly("held and released");
    assertThat(storage().escrow().due(HoldKind.DELAY, Optional.empty(), 8, 10)).hasSize(1);
    assertThat(storage().escrow().counts()).hasSize(1);
  }

  @Test
  void aFencedBatchLeavesItsNeighboursAlone() {
    List<CompletionStage<WriteReceipt>> stages =
        submitTogether(
            append("before"),
            WriteBatch.of(appendOf("fenced"), new Mutation.Fence("scope", 9)),
            append("after"));
    assertThat(await(stages.get(0)).outcome(0).queueOffset()).isZero();
    assertThatThrownBy(() -> await(stages.get(1))).isInstanceOf(StorageException.Fenced.class);
    assertThat(await(stages.get(2)).outcome(0).queueOffset()).isEqualTo(1);
    assertThat(texts(ORDERS)).containsExactly("before", "after");
  }

  @Test
  void whatWaitsIsOneGroupAndReadersSeeItOnceItIsWritten() {
    List<CompletionStage<WriteReceipt>> stages = new ArrayList<>();
    detour.close();
    int before = detour.groups();
    for (int i = 0; i < 200; i++) {
      stages.add(storage().write(append("m" + i)));
    }
    assertThat(bounds(ORDERS).max()).isZero();
    assertThat(stages).noneMatch(stage -> stage.toCompletableFuture().isDone());
    detour.open();
    stages.forEach(StorageContract::await);
    assertThat(detour.groups() - before).isBetween(1, 3);
    assertThat(readAll(ORDERS)).hasSize(200);
  }

  @Test
  void aGroupOfWrittenBatchesIsNotSynced() {
    long before = storage().maintenance().statistics().get("syncs");
    WriteBatch written =
        new WriteBatch(List.of(appendOf("written")), Optional.of(Durability.WRITTEN));
    await(storage().write(written));
    assertThat(storage().maintenance().statistics()).containsEntry("syncs", before);
    append(ORDERS, "durable");
    assertThat(storage().maintenance().statistics()).containsEntry("syncs", before + 1);
  }

  @Test
  void aBatchCannotAskForReplicas() {
    WriteBatch replicated =
        new WriteBatch(List.of(appendOf("x")), Optional.of(Durability.REPLICATED));
    assertThatThrownBy(() -> await(storage().write(replicated)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no replicas");
  }

  /** Writes batches so that they are decided in one group. */
  private List<WriteReceipt> together(WriteBatch... batches) {
    return submitTogether(batches).stream().map(StorageContract::await).toList();
  }

  private List<CompletionStage<WriteReceipt>> submitTogether(WriteBatch... batches) {
    detour.close();
    CompletionStage<WriteReceipt> first = storage().write(WriteBatch.of(putOf("first", "group")));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(2))
        .until(detour::isSomebodyWaiting);
    List<CompletionStage<WriteReceipt>> stages = new ArrayList<>();
    for (WriteBatch batch : batches) {
      stages.add(storage().write(batch));
    }
    int before = detour.groups();
    detour.open();
    await(first);
    for (CompletionStage<WriteReceipt> stage : stages) {
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(stage.toCompletableFuture()::isDone);
    }
    assertThat(detour.groups() - before).as("groups").isEqualTo(2);
    return stages;
  }

  private static WriteBatch append(String text) {
    return WriteBatch.of(appendOf(text));
  }

  private static Mutation appendOf(String text) {
    return new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, text));
  }
}
