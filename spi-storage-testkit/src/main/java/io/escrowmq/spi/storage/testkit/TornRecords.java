package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Numbered batches whose every part can be recognised: an append to each of two queues, a row and a
 * hold. A damaged store is asked for each part; it may have it, say that it is corrupt, or not have
 * it, but never something else.
 */
final class TornRecords {

  static final QueueId FIRST = new QueueId("torn-a", 0);
  static final QueueId SECOND = new QueueId("torn-b", 1);

  private static final String TABLE = "torn";
  private static final ReadLimits ONE = new ReadLimits(1, 1);

  private TornRecords() {}

  /** What the parts of all batches answered. */
  record Findings(Set<Integer> whole, Set<Integer> missing, Set<Integer> corrupt) {}

  /** The n-th batch. */
  static WriteBatch batch(int number) {
    return WriteBatch.of(
        new Mutation.Append(FIRST, message(FIRST, number)),
        new Mutation.Append(SECOND, message(SECOND, number)),
        new Mutation.Put(TABLE, rowKey(number), rowValue(number)),
        new Mutation.Hold(
            holdId(number), FIRST, message(FIRST, number), HoldKind.DELAY, number, Bytes.EMPTY));
  }

  /** Asks for the batches 0 to count - 1. */
  static Findings inspect(Storage storage, int count) {
    Findings findings = new Findings(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    for (int number = 0; number < count; number++) {
      int asked = number;
      Set<Answer> answers = new TreeSet<>();
      answers.add(ask(() -> visible(storage, FIRST, asked)));
      answers.add(ask(() -> visible(storage, SECOND, asked)));
      answers.add(ask(() -> row(storage, asked)));
      answers.add(ask(() -> held(storage, asked)));
      if (answers.contains(Answer.CORRUPT)) {
        findings.corrupt().add(number);
      } else {
        assertThat(answers).as("parts of batch %s: whole or not at all", number).hasSize(1);
        boolean there = answers.contains(Answer.RIGHT);
        (there ? findings.whole() : findings.missing()).add(number);
      }
    }
    return findings;
  }

  private enum Answer {
    RIGHT,
    MISSING,
    CORRUPT
  }

  private static Answer ask(Supplier<Answer> part) {
    try {
      return part.get();
    } catch (StorageException.Corrupt corrupt) {
      return Answer.CORRUPT;
    }
  }

  private static Answer visible(Storage storage, QueueId queue, int number) {
    try (MessageBatch batch = storage.log().read(queue, number, ONE)) {
      List<Message> messages = batch.messages();
      if (messages.isEmpty()) {
        return Answer.MISSING;
      }
      Message read = messages.getFirst();
      assertThat(SampleMessages.unstamped(read).equals(message(queue, number)))
          .as("wrong data: %s at %s of %s", read, number, queue)
          .isTrue();
      assertThat(read.queueOffset()).isEqualTo(number);
      return Answer.RIGHT;
    }
  }

  private static Answer row(Storage storage, int number) {
    return storage
        .tables()
        .get(TABLE, rowKey(number))
        .map(row -> {
          assertThat(row.value()).as("wrong row %s", number).isEqualTo(rowValue(number));
          return Answer.RIGHT;
        })
        .orElse(Answer.MISSING);
  }

  private static Answer held(Storage storage, int number) {
    Optional<Message> held = storage.escrow().get(holdId(number)).map(hold -> hold.message());
    held.ifPresent(message ->
        assertThat(SampleMessages.unstamped(message).equals(message(FIRST, number)))
            .as("wrong data: hold %s is %s", number, message)
            .isTrue());
    return held.isPresent() ? Answer.RIGHT : Answer.MISSING;
  }

  private static Message message(QueueId queue, int number) {
    String text = queue + " " + number + " " + "body".repeat(20 + number);
    return SampleMessages.indexed(queue, text, "k" + number, "u" + number);
  }

  private static Bytes rowKey(int number) {
    return Bytes.utf8("row " + number);
  }

  private static Bytes rowValue(int number) {
    return Bytes.utf8("value ".repeat(1 + number));
  }

  private static HoldId holdId(int number) {
    return new HoldId(number, ~number);
  }
}
