package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads of visible messages: boundaries, limits, addresses, life time of the answer. */
public abstract class ReadContract extends StorageContract {

  private static final ReadLimits MANY = new ReadLimits(1_000, 1 << 24);

  @Test
  void anUnknownQueueIsEmpty() {
    QueueId unknown = new QueueId("unknown", 3);
    assertThat(bounds(unknown)).isEqualTo(QueueBounds.EMPTY);
    try (MessageBatch batch = storage().log().read(unknown, 0, MANY)) {
      assertThat(batch.messages()).isEmpty();
      assertThat(batch.bounds()).isEqualTo(QueueBounds.EMPTY);
    }
  }

  @Test
  void aReadOutsideTheBoundsIsEmptyAndTellsThem() {
    fill(10);
    apply(new Mutation.Trim(ORDERS, 4));
    for (long outside : new long[] {-1, 0, 3, 10, 11, Long.MAX_VALUE, Long.MIN_VALUE}) {
      try (MessageBatch batch = storage().log().read(ORDERS, outside, MANY)) {
        assertThat(batch.messages()).as("at %s", outside).isEmpty();
        assertThat(batch.bounds()).isEqualTo(new QueueBounds(4, 10));
      }
    }
    assertThat(offsets(4, MANY)).startsWith(4L);
    assertThat(offsets(9, MANY)).containsExactly(9L);
  }

  @Test
  void aReadStopsAtTheNumberOfMessages() {
    fill(10);
    assertThat(offsets(2, new ReadLimits(3, 1 << 20)))
        .hasSizeBetween(1, 3)
        .startsWith(2L)
        .isSorted();
    assertThat(offsets(2, new ReadLimits(1, 1 << 20))).containsExactly(2L);
  }

  @Test
  void aReadStopsBeforeTheNumberOfBytesUnlessTheFirstIsLarger() {
    fill(10);
    int size = readAll(ORDERS).getFirst().size();
    assertThat(offsets(0, new ReadLimits(100, 3 * size + size / 2)))
        .hasSizeBetween(1, 3)
        .startsWith(0L);
    assertThat(offsets(5, new ReadLimits(100, size))).containsExactly(5L);
    assertThat(offsets(5, new ReadLimits(100, 1))).containsExactly(5L);
  }

  @Test
  void everyMessageIsReachedHoweverLargeItIs() {
    int[] sizes = {10, 3_000_000, 0, 70_000, 70_000, 5, 1_000_000};
    for (int size : sizes) {
      apply(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, size)));
    }
    long next = 0;
    ReadLimits narrow = new ReadLimits(2, 100_000);
    while (next < sizes.length) {
      try (MessageBatch batch = storage().log().read(ORDERS, next, narrow)) {
        assertThat(batch.messages()).isNotEmpty();
        for (Message message : batch.messages()) {
          Message sent = SampleMessages.sized(ORDERS, sizes[(int) next]);
          assertThat(SampleMessages.unstamped(message).equals(sent))
              .as("message %s", next)
              .isTrue();
          next++;
        }
      }
    }
  }

  @Test
  void appendedAndReleasedMessagesHaveAddresses() {
    hold(id(1), ORDERS, "released");
    Outcome appended = append(ORDERS, "appended");
    Outcome released = apply(new Mutation.Release(id(1)));
    assertThat(storage().log().at(appended.position()))
        .map(SampleMessages::textOf)
        .contains("appended");
    assertThat(storage().log().at(released.position()))
        .map(SampleMessages::textOf)
        .contains("released");
    assertThat(storage().log().at(released.position()).orElseThrow())
        .isEqualTo(readAll(ORDERS).get(1));
  }

  @Test
  void anAddressThatWasNeverGivenHasNoMessage() {
    List<Long> given = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      given.add(append(ORDERS, "m" + i).position());
    }
    for (long position : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40}) {
      assertThat(storage().log().at(position)).as("position %s", position).isEmpty();
    }
    for (long given1 : given) {
      for (long near = given1 - 9; near <= given1 + 9; near++) {
        if (!given.contains(near)) {
          assertThat(storage().log().at(near)).as("position %s", near).isEmpty();
        }
      }
    }
  }

  @Test
  void anAnswerStaysWhileOthersWrite() {
    fill(50);
    try (MessageBatch batch = storage().log().read(ORDERS, 0, MANY)) {
      List<Message> before = batch.messages().stream().map(Message::copy).toList();
      for (int i = 0; i < 200; i++) {
        append(ORDERS, "more");
      }
      apply(new Mutation.Trim(ORDERS, 250));
      storage().maintenance().retain();
      assertThat(batch.messages()).isEqualTo(before);
    }
  }

  @Test
  void anAnswerMayBeClosedTwiceAndItsCopiesStay() {
    fill(5);
    MessageBatch batch = storage().log().read(ORDERS, 0, MANY);
    Message copy = batch.messages().getFirst().copy();
    Message first = batch.messages().getFirst();
    batch.close();
    batch.close();
    assertThat(SampleMessages.textOf(copy)).isEqualTo("m0");
    if (engine().detectsUseAfterClose()) {
      assertThatThrownBy(first::copy).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void readersFollowAWriter() {
    int count = 400;
    ParallelRun.of(
        3,
        thread -> {
          if (thread == 0) {
            fill(count);
            return;
          }
          long next = 0;
          while (next < count) {
            try (MessageBatch batch = storage().log().read(ORDERS, next, MANY)) {
              for (Message message : batch.messages()) {
                assertThat(message.queueOffset()).isEqualTo(next);
                assertThat(SampleMessages.textOf(message)).isEqualTo("m" + next);
                next++;
              }
              assertThat(batch.bounds().max()).isGreaterThanOrEqualTo(next);
            }
          }
        });
  }

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      append(ORDERS, "m" + i);
    }
  }

  private List<Long> offsets(long from, ReadLimits limits) {
    try (MessageBatch batch = storage().log().read(ORDERS, from, limits)) {
      return batch.messages().stream().map(Message::queueOffset).toList();
    }
  }
}
