package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Answer;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Holds two stores side by side. Positions and row versions are the engine's own, so they are
 * translated: the same model value always meets the same engine value, and never two.
 */
final class ModelComparison {

  private static final int ALL = 10_000;
  private static final Comparator<Message> ANY_ORDER =
      Comparator.comparingLong(Message::storeTimeMs)
          .reversed()
          .thenComparing(Message::queueId)
          .thenComparingLong(Message::queueOffset);

  private final Translation positions = new Translation("position");
  private final Translation versions = new Translation("row version");

  /** What both said about the same batch. */
  void compare(WriteReceipt model, WriteReceipt engine) {
    assertThat(engine.applied()).as("applied, %s", engine).isEqualTo(model.applied());
    assertThat(engine.outcomes()).hasSameSizeAs(model.outcomes());
    if (model.applied()) {
      assertThat(engine.storeTimeMs()).as("store time").isEqualTo(model.storeTimeMs());
    }
    for (int i = 0; i < model.outcomes().size(); i++) {
      Outcome expected = model.outcome(i);
      long position = positions.toEngine(expected.position(), engine.outcome(i).position());
      assertThat(engine.outcome(i))
          .as("outcome %s", i)
          .isEqualTo(new Outcome(expected.result(), expected.queueOffset(), position));
    }
  }

  /** Every answer that the two can give. */
  void compareAll(Storage model, Storage engine) {
    for (QueueId queue : RandomBatches.QUEUES) {
      compareQueue(queue, model, engine);
    }
    for (int number = 0; number < RandomBatches.IDS; number++) {
      compareId(RandomBatches.idOf(number), model, engine);
    }
    for (HoldKind kind : HoldKind.values()) {
      compareHolds(kind, model, engine);
    }
    assertThat(engine.escrow().counts()).as("counts").isEqualTo(model.escrow().counts());
    for (String table : RandomBatches.TABLES) {
      compareRows(table, model, engine);
    }
    compareLists(model, engine);
    for (QueueId queue : RandomBatches.QUEUES) {
      for (String key : RandomBatches.KEYS) {
        compareIndex(queue.topic(), Field.KEY, key, model, engine);
      }
    }
  }

  void compareQueue(QueueId queue, Storage model, Storage engine) {
    assertThat(engine.log().bounds(queue))
        .as("bounds of %s", queue)
        .isEqualTo(model.log().bounds(queue));
    List<Message> expected = StorageContract.readAll(model, queue);
    List<Message> actual = StorageContract.readAll(engine, queue);
    compareMessages("messages of " + queue, expected, actual);
    for (int i = 0; i < expected.size(); i += 1 + expected.size() / 8) {
      Message message = actual.get(i);
      assertThat(engine.log().at(message.position())).as("at its position").contains(message);
      long timeMs = message.storeTimeMs();
      for (long near = timeMs - 1; near <= timeMs + 1; near++) {
        assertThat(engine.log().offsetAt(queue, near))
            .as("offset of %s at %s", queue, near)
            .isEqualTo(model.log().offsetAt(queue, near));
      }
    }
  }

  void compareId(HoldId id, Storage model, Storage engine) {
    HoldStatus expected = model.escrow().status(id);
    HoldStatus actual = engine.escrow().status(id);
    assertThat(actual)
        .as("status of %s", id)
        .isEqualTo(
            new HoldStatus(
                expected.state(),
                expected.queueOffset(),
                positions.toEngine(expected.position(), actual.position()),
                expected.decidedAtMs()));
    Optional<HeldMessage> held = engine.escrow().get(id);
    assertThat(held.map(HeldMessage::entry))
        .as("hold %s", id)
        .isEqualTo(model.escrow().get(id).map(HeldMessage::entry));
    assertThat(held.map(found -> SampleMessages.unstamped(found.message())))
        .as("message of hold %s", id)
        .isEqualTo(model.escrow().get(id).map(HeldMessage::message));
  }

  void compareHolds(HoldKind kind, Storage model, Storage engine) {
    assertThat(engine.escrow().scan(kind, Optional.empty(), ALL))
        .as("scan of %s", kind)
        .isEqualTo(model.escrow().scan(kind, Optional.empty(), ALL));
    List<HoldEntry> due = model.escrow().due(kind, Optional.empty(), Long.MAX_VALUE, ALL);
    assertThat(engine.escrow().due(kind, Optional.empty(), Long.MAX_VALUE, ALL))
        .as("due of %s", kind)
        .isEqualTo(due);
    if (!due.isEmpty()) {
      Optional<HoldEntry> middle = Optional.of(due.get(due.size() / 2));
      long before = due.getLast().wakeAtMs();
      assertThat(engine.escrow().due(kind, middle, before, 3))
          .as("due of %s, a page", kind)
          .isEqualTo(model.escrow().due(kind, middle, before, 3));
    }
  }

  void compareLists(Storage model, Storage engine) {
    assertThat(engine.log().queues(Optional.empty(), ALL))
        .as("queues")
        .containsExactlyInAnyOrderElementsOf(model.log().queues(Optional.empty(), ALL));
    assertThat(
            engine.escrow().decided(Optional.empty(), ALL).stream().map(DecidedHold::id).toList())
        .as("decided")
        .isEqualTo(
            model.escrow().decided(Optional.empty(), ALL).stream().map(DecidedHold::id).toList());
    assertThat(engine.tables().names()).as("tables").isEqualTo(model.tables().names());
  }

  void compareRows(String table, Storage model, Storage engine) {
    List<TableRow> expected = model.tables().scan(table, Bytes.EMPTY, Optional.empty(), ALL);
    List<TableRow> actual = engine.tables().scan(table, Bytes.EMPTY, Optional.empty(), ALL);
    assertThat(actual).as("rows of %s", table).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      TableRow row = expected.get(i);
      long version = versions.toEngine(row.version(), actual.get(i).version());
      assertThat(actual.get(i)).isEqualTo(new TableRow(row.key(), row.value(), version));
      assertThat(engine.tables().get(table, row.key())).contains(actual.get(i));
    }
  }

  void compareIndex(String topic, Field field, String value, Storage model, Storage engine) {
    List<Message> expected = find(model, topic, field, value);
    List<Message> actual = find(engine, topic, field, value);
    assertThat(actual.stream().map(message -> -message.storeTimeMs()).toList())
        .as("newest first")
        .isSorted();
    expected.sort(ANY_ORDER);
    actual.sort(ANY_ORDER);
    compareMessages(field + " " + value + " of " + topic, expected, actual);
  }

  private static List<Message> find(Storage storage, String topic, Field field, String value) {
    List<Message> found = new ArrayList<>();
    Optional<Bytes> continuation = Optional.empty();
    do {
      Query query = new Query(topic, field, value, 0, Long.MAX_VALUE, 16, continuation);
      Answer answer = storage.index().find(query);
      found.addAll(answer.messages());
      continuation = answer.continuation();
    } while (continuation.isPresent());
    return found;
  }

  private void compareMessages(String what, List<Message> expected, List<Message> actual) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      Message wanted = expected.get(i);
      long position = positions.toEngine(wanted.position(), actual.get(i).position());
      Message translated = wanted.stamped(wanted.queueOffset(), position, wanted.storeTimeMs());
      assertThat(actual.get(i).equals(translated))
          .as("%s, number %s: expected %s, got %s", what, i, translated, actual.get(i))
          .isTrue();
    }
  }

  /** A one-to-one mapping that is learned as values are met. */
  private static final class Translation {
    private final String what;
    private final Map<Long, Long> toEngine = new HashMap<>();
    private final Set<Long> known = new HashSet<>();

    Translation(String what) {
      this.what = what;
    }

    long toEngine(long model, long engine) {
      if (model < 0) {
        return model;
      }
      Long mapped = toEngine.get(model);
      if (mapped != null) {
        return mapped;
      }
      assertThat(known.add(engine)).as("%s %s stands for two things", what, engine).isTrue();
      toEngine.put(model, engine);
      return engine;
    }
  }
}
