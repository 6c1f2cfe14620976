package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Very many queues (100 000 unless the system property {@code escrowmq.kit.queues} says otherwise)
 * are ordinary.
 */
public abstract class ManyQueuesContract extends StorageContract {

  private static final int QUEUES = Integer.getInteger("escrowmq.kit.queues", 100_000);
  private static final int PER_TOPIC = 100;
  private static final int PER_BATCH = 500;
  private static final int IN_FLIGHT = 16;

  @Test
  void everyQueueHasItsOwnOffsets() {
    fill(0);
    fill(1);
    check(2);
    if (engine().persistent()) {
      fixture().reopen();
      check(2);
      fill(2);
      check(3);
    }
  }

  private void fill(int round) {
    Deque<CompletionStage<WriteReceipt>> pending = new ArrayDeque<>();
    for (int first = 0; first < QUEUES; first += PER_BATCH) {
      List<Mutation> batch =
          IntStream.range(first, Math.min(first + PER_BATCH, QUEUES))
              .<Mutation>mapToObj(i -> appendTo(i, round))
              .toList();
      pending.add(storage().write(WriteBatch.of(batch.toArray(Mutation[]::new))));
      if (pending.size() == IN_FLIGHT) {
        check(await(pending.remove()), round);
      }
    }
    pending.forEach(stage -> check(await(stage), round));
  }

  private static Mutation appendTo(int number, int round) {
    QueueId queue = queue(number);
    return new Mutation.Append(queue, SampleMessages.message(queue, number + ":" + round));
  }

  private static void check(WriteReceipt receipt, int round) {
    assertThat(receipt.outcomes()).allMatch(outcome -> outcome.queueOffset() == round);
  }

  private void check(int rounds) {
    QueueBounds expected = new QueueBounds(0, rounds);
    for (int i = 0; i < QUEUES; i++) {
      assertThat(bounds(queue(i))).isEqualTo(expected);
    }
    for (int i = 0; i < QUEUES; i += 37) {
      List<Message> all = readAll(queue(i));
      for (int round = 0; round < rounds; round++) {
        assertThat(SampleMessages.textOf(all.get(round))).isEqualTo(i + ":" + round);
      }
    }
  }

  private static QueueId queue(int number) {
    return new QueueId("topic-" + number / PER_TOPIC, number % PER_TOPIC);
  }
}
