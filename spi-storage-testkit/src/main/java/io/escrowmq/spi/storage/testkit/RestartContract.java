package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Everything survives closing and opening again; an engine that is not persistent forgets it all.
 */
public abstract class RestartContract extends StorageContract {

  @Test
  void everyAnswerIsTheSameAfterARestart() {
    for (int round = 0; round < 3; round++) {
      work(round);
      Map<String, Object> before = everyAnswer();
      fixture().reopen();
      if (!engine().persistent()) {
        assertThat(bounds(ORDERS)).isEqualTo(QueueBounds.EMPTY);
        return;
      }
      assertThat(everyAnswer()).as("round %s", round).isEqualTo(before);
      fixture().reopen();
      assertThat(everyAnswer()).as("round %s, untouched", round).isEqualTo(before);
    }
  }

  @Test
  void aRestartAfterACheckpointIsNoDifferent() {
    work(0);
    storage().maintenance().checkpoint();
    work(1);
    Map<String, Object> before = everyAnswer();
    fixture().reopen();
    if (engine().persistent()) {
      assertThat(everyAnswer()).isEqualTo(before);
      assertThat(storage().maintenance().verify().records()).isPositive();
    }
  }

  @Test
  void workGoesOnAfterARestart() {
    if (!engine().persistent()) {
      return;
    }
    append(ORDERS, "a");
    hold(id(1), ORDERS, "b");
    hold(id(2), ORDERS, "never");
    Outcome release = apply(new Mutation.Release(id(1)));
    apply(new Mutation.Discard(id(2)));
    hold(id(3), ORDERS, "c");
    fixture().reopen();

    assertThat(apply(new Mutation.Discard(id(1))))
        .isEqualTo(new Outcome(Outcome.Result.ALREADY_RELEASED, 1, release.position()));
    assertThat(apply(new Mutation.Release(id(2))).result())
        .isEqualTo(Outcome.Result.ALREADY_DISCARDED);
    assertThat(apply(new Mutation.Release(id(3))).queueOffset()).isEqualTo(2);
    assertThat(append(ORDERS, "d").queueOffset()).isEqualTo(3);
    assertThat(apply(holdOf(id(3), ORDERS, "again")).result())
        .isEqualTo(Outcome.Result.ALREADY_RELEASED);
    fixture().reopen();
    assertThat(texts(ORDERS)).containsExactly("a", "b", "c", "d");
    assertThat(readAll(ORDERS)).extracting(Message::position).doesNotHaveDuplicates();
  }

  @Test
  void versionsDoNotRepeatAfterARestart() {
    if (!engine().persistent()) {
      return;
    }
    Set<Long> versions = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      put("k", "v" + i);
      assertThat(versions.add(version("k"))).as("put %s", i).isTrue();
      put("k", "w" + i);
      assertThat(versions.add(version("k"))).as("second put %s", i).isTrue();
      apply(new Mutation.Delete(TABLE, Bytes.utf8("k")));
      fixture().reopen();
    }
  }

  @Test
  void storeTimeDoesNotGoBackAcrossARestart() {
    if (!engine().persistent()) {
      return;
    }
    append(ORDERS, "a");
    time().stepWallTo(ManualTimeSource.START_MS - 3_600_000);
    fixture().reopen();
    append(ORDERS, "b");
    assertThat(readAll(ORDERS).stream().map(Message::storeTimeMs).toList()).isSorted();
  }

  @Test
  void aWrittenBatchSurvivesAnOrderlyRestart() {
    if (!engine().persistent()) {
      return;
    }
    List<Mutation> mutations =
        List.of(new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "written")));
    await(storage().write(new WriteBatch(mutations, Optional.of(Durability.WRITTEN))));
    assertThat(texts(ORDERS)).containsExactly("written");
    fixture().reopen();
    assertThat(texts(ORDERS)).containsExactly("written");
  }

  @Test
  void anEmptyStoreCanBeReopened() {
    fixture().reopen();
    fixture().reopen();
    assertThat(append(ORDERS, "a").queueOffset()).isZero();
  }

  @Test
  void aDirectoryIsOpenedOnceAtATime() {
    if (!engine().persistent() || storage().capabilities().contains(Capability.SHARED)) {
      return;
    }
    append(ORDERS, "a");
    StorageFixture second = new StorageFixture(engine(), fixture().directory());
    assertThatThrownBy(second::open).isInstanceOf(StorageException.Unavailable.class);
    assertThat(append(ORDERS, "b").queueOffset()).isEqualTo(1);
    fixture().close();
    try (second) {
      assertThat(readAll(second.open(), ORDERS)).hasSize(2);
    }
  }

  private void work(int round) {
    for (int i = 0; i < 30; i++) {
      QueueId queue = i % 3 == 0 ? PAYMENTS : new QueueId("orders", i % 2);
      String text = round + ":" + i;
      Message message = SampleMessages.indexed(queue, text, "key-" + i % 4, "unique-" + text);
      apply(new Mutation.Append(queue, message));
      HoldId id = holdId(round, i);
      apply(new Mutation.Hold(id, queue, message, HoldKind.DELAY, 1_000L * i, Bytes.utf8(text)));
      time().advanceMs(7);
      switch (i % 5) {
        case 0 -> apply(new Mutation.Release(id));
        case 1 -> apply(new Mutation.Discard(id));
        case 2 -> apply(new Mutation.Reschedule(id, HoldKind.TRANSACTION, i, Bytes.EMPTY));
        default -> put("row-" + i % 6, text);
      }
    }
    apply(new Mutation.Delete(TABLE, Bytes.utf8("row-4")), new Mutation.Trim(PAYMENTS, 2 + round));
    storage().ownership().acquire("scope-" + round, "me", java.time.Duration.ofDays(1));
  }

  private Map<String, Object> everyAnswer() {
    Storage storage = storage();
    Map<String, Object> answers = new LinkedHashMap<>();
    for (QueueId queue : List.of(ORDERS, ORDERS_1, PAYMENTS)) {
      List<Message> all = readAll(queue);
      answers.put("messages of " + queue, all);
      answers.put("bounds of " + queue, bounds(queue));
      for (Message message : all) {
        answers.put("at " + message.position(), storage.log().at(message.position()));
        long time = message.storeTimeMs();
        answers.put(queue + " at time " + time, storage.log().offsetAt(queue, time));
      }
    }
    for (HoldKind kind : HoldKind.values()) {
      answers.put("scan " + kind, storage.escrow().scan(kind, Optional.empty(), 1_000));
      answers.put(
          "due " + kind, storage.escrow().due(kind, Optional.empty(), Long.MAX_VALUE, 1_000));
    }
    answers.put("counts", storage.escrow().counts());
    for (int round = 0; round < 3; round++) {
      answers.put("lease " + round, storage.ownership().current("scope-" + round));
      for (int i = 0; i < 30; i++) {
        HoldId id = holdId(round, i);
        answers.put("status " + id, storage.escrow().status(id));
        answers.put("held " + id, storage.escrow().get(id));
      }
    }
    answers.put("rows", storage.tables().scan(TABLE, Bytes.EMPTY, Optional.empty(), 1_000));
    for (int i = 0; i < 4; i++) {
      answers.put("key " + i, found("orders", Field.KEY, "key-" + i));
      answers.put("payments key " + i, found("payments", Field.KEY, "key-" + i));
    }
    answers.put("unique", found("orders", Field.UNIQUE_ID, "unique-0:1"));
    return answers;
  }

  private Set<Message> found(String topic, Field field, String value) {
    Query query = new Query(topic, field, value, 0, Long.MAX_VALUE, 1_000, Optional.empty());
    return new HashSet<>(new ArrayList<>(storage().index().find(query).messages()));
  }

  private long version(String key) {
    return storage().tables().get(TABLE, Bytes.utf8(key)).map(TableRow::version).orElseThrow();
  }

  private static HoldId holdId(int round, int number) {
    return id(1 + round * 100L + number);
  }
}
