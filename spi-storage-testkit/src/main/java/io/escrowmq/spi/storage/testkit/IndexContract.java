package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Answer;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Look-ups by key and unique id: complete, newest first, in pages, visible messages only. */
public abstract class IndexContract extends StorageContract {

  private static final QueueId OTHER_TOPIC = new QueueId("orders-2", 0);

  @Test
  void everyKeyOfAMessageFindsIt() {
    append(SampleMessages.indexed(ORDERS, "a", "k1 k2", "u1"));
    append(SampleMessages.indexed(ORDERS_1, "b", "k2", "u2"));
    append(SampleMessages.indexed(OTHER_TOPIC, "c", "k2", "u3"));
    append(SampleMessages.message(ORDERS, "no properties"));

    assertThat(byKey("orders", "k1")).containsExactly("a");
    assertThat(byKey("orders", "k2")).containsExactlyInAnyOrder("a", "b");
    assertThat(byKey("orders-2", "k2")).containsExactly("c");
    assertThat(byKey("orders", "k")).isEmpty();
    assertThat(byKey("orders", "k1 k2")).isEmpty();
    assertThat(byKey("orders", "u1")).isEmpty();
    assertThat(byKey("unknown", "k1")).isEmpty();
  }

  @Test
  void aUniqueIdFindsItsMessage() {
    Outcome outcome = append(SampleMessages.indexed(ORDERS, "a", "k1", "u1"));
    append(SampleMessages.indexed(ORDERS, "b", "u1", "u2"));
    Answer answer = storage().index().find(query("orders", Field.UNIQUE_ID, "u1", 10));
    assertThat(answer.continuation()).isEmpty();
    Message found = answer.messages().getFirst();
    assertThat(answer.messages()).hasSize(1);
    assertThat(storage().log().at(outcome.position())).contains(found);
  }

  @Test
  void aKeyThatIsRepeatedFindsTheMessageOnce() {
    append(SampleMessages.indexed(ORDERS, "a", "k k  k", ""));
    assertThat(byKey("orders", "k")).containsExactly("a");
  }

  @Test
  void keysAreArbitraryText() {
    String[] keys = {"转账-1", "a\"b\\c", "x".repeat(2_000), "%_*", "\u0003"};
    for (String key : keys) {
      append(SampleMessages.indexed(ORDERS, "of " + key.length(), key, ""));
    }
    for (String key : keys) {
      assertThat(byKey("orders", key)).as("key %s", key).containsExactly("of " + key.length());
    }
  }

  @Test
  void theNewestComesFirst() {
    for (int i = 0; i < 10; i++) {
      append(SampleMessages.indexed(ORDERS, "m" + i, "k", ""));
      time().advanceMs(1_000);
    }
    assertThat(byKey("orders", "k"))
        .containsExactly("m9", "m8", "m7", "m6", "m5", "m4", "m3", "m2", "m1", "m0");
  }

  @Test
  void bothEndsOfTheTimeWindowBelongToIt() {
    long start = time().nowMs();
    for (int i = 0; i < 5; i++) {
      append(SampleMessages.indexed(ORDERS, "m" + i, "k", ""));
      time().advanceMs(10);
    }
    assertThat(between(start + 10, start + 30)).containsExactly("m3", "m2", "m1");
    assertThat(between(start + 11, start + 29)).containsExactly("m2");
    assertThat(between(start + 41, Long.MAX_VALUE)).isEmpty();
    assertThat(between(Long.MIN_VALUE, start)).containsExactly("m0");
  }

  @Test
  void theWindowMaySpanManyDays() {
    for (int i = 0; i < 10; i++) {
      append(SampleMessages.indexed(ORDERS, "m" + i, "k", ""));
      time().advance(Duration.ofHours(7));
    }
    assertThat(byKey("orders", "k")).hasSize(10).startsWith("m9").endsWith("m0");
    assertThat(between(time().nowMs() - Duration.ofHours(15).toMillis(), time().nowMs()))
        .containsExactly("m9", "m8");
  }

  @Test
  void pagesTogetherAreComplete() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      append(SampleMessages.indexed(new QueueId("orders", i % 3), "m" + i, "k", ""));
      expected.add("m" + i);
      if (i % 10 == 9) {
        time().advanceMs(1);
      }
    }
    List<String> seen = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    Optional<Bytes> continuation = Optional.empty();
    do {
      Answer page =
          storage()
              .index()
              .find(new Query("orders", Field.KEY, "k", 0, Long.MAX_VALUE, 7, continuation));
      assertThat(page.messages()).hasSizeLessThanOrEqualTo(7);
      page.messages().forEach(message -> seen.add(SampleMessages.textOf(message)));
      page.messages().forEach(message -> times.add(-message.storeTimeMs()));
      continuation = page.continuation();
      assertThat(seen).as("pages without end").hasSizeLessThanOrEqualTo(100);
    } while (continuation.isPresent());
    assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(times).isSorted();
  }

  @Test
  void aHeldMessageIsFoundOnceItIsReleased() {
    Message held = SampleMessages.indexed(ORDERS, "held", "k", "u");
    apply(holding(1, held));
    apply(holding(2, SampleMessages.indexed(ORDERS, "discarded", "k", "u2")));
    assertThat(byKey("orders", "k")).isEmpty();
    assertThat(find("orders", Field.UNIQUE_ID, "u")).isEmpty();

    time().advanceMs(5_000);
    long releasedAtMs = time().nowMs();
    apply(new Mutation.Release(id(1)), new Mutation.Discard(id(2)));
    assertThat(byKey("orders", "k")).containsExactly("held");
    assertThat(find("orders", Field.UNIQUE_ID, "u")).containsExactly("held");
    assertThat(between(releasedAtMs, releasedAtMs)).containsExactly("held");
    assertThat(between(0, releasedAtMs - 1)).isEmpty();
  }

  @Test
  void trimmedMessagesAreNotFound() {
    append(SampleMessages.indexed(ORDERS, "a", "k", "u1"));
    append(SampleMessages.indexed(ORDERS, "b", "k", "u2"));
    apply(new Mutation.Trim(ORDERS, 1));
    assertThat(byKey("orders", "k")).containsExactly("b");
    assertThat(find("orders", Field.UNIQUE_ID, "u1")).isEmpty();
  }

  @Test
  void manyKeysStayApart() {
    List<Mutation> batch = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      batch.add(
          new Mutation.Append(
              ORDERS, SampleMessages.indexed(ORDERS, "m" + i, "k" + i % 500, "u" + i)));
    }
    apply(batch.toArray(Mutation[]::new));
    assertThat(byKey("orders", "k7")).containsExactlyInAnyOrder("m7", "m507", "m1007", "m1507");
    assertThat(find("orders", Field.UNIQUE_ID, "u1234")).containsExactly("m1234");
  }

  private Outcome append(Message message) {
    return apply(new Mutation.Append(message.queueId(), message));
  }

  private static Mutation holding(long number, Message message) {
    return new Mutation.Hold(
        id(number), message.queueId(), message, HoldKind.TRANSACTION, 1, Bytes.EMPTY);
  }

  private List<String> byKey(String topic, String key) {
    return find(topic, Field.KEY, key);
  }

  private List<String> find(String topic, Field field, String value) {
    Answer answer = storage().index().find(query(topic, field, value, 64));
    assertThat(answer.continuation()).as("a small answer is complete").isEmpty();
    return answer.messages().stream().map(SampleMessages::textOf).toList();
  }

  private List<String> between(long fromMs, long toMs) {
    return storage()
        .index()
        .find(new Query("orders", Field.KEY, "k", fromMs, toMs, 64, Optional.empty()))
        .messages()
        .stream()
        .map(SampleMessages::textOf)
        .toList();
  }

  private static Query query(String topic, Field field, String value, int limit) {
    return new Query(topic, field, value, 0, Long.MAX_VALUE, limit, Optional.empty());
  }
}
