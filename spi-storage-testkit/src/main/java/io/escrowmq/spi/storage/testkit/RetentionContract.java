package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.StorageSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Retention forgets old visible messages and nothing else. */
public abstract class RetentionContract extends StorageContract {

  private static final Duration MAX_AGE = Duration.ofHours(1);
  private static final int BODY_BYTES = 32 * 1024;

  @Test
  void youngMessagesStay() {
    openWith(MAX_AGE, Long.MAX_VALUE);
    fill(ORDERS, enough());
    time().advance(MAX_AGE.minusMinutes(1));
    storage().maintenance().retain();
    assertThat(bounds(ORDERS)).isEqualTo(new QueueBounds(0, enough()));
    assertThat(readAll(ORDERS)).hasSize(enough());
  }

  @Test
  void oldMessagesGoAndYoungOnesStay() {
    openWith(MAX_AGE, Long.MAX_VALUE);
    fill(ORDERS, enough());
    time().advance(MAX_AGE.multipliedBy(2));
    Outcome young = append(ORDERS, "young");
    storage().maintenance().retain();

    QueueBounds bounds = bounds(ORDERS);
    assertThat(bounds.max()).isEqualTo(enough() + 1L);
    assertThat(bounds.min()).as("something was forgotten").isPositive();
    assertThat(oldBytes(ORDERS)).isLessThanOrEqualTo(engine().retentionSlackBytes());
    assertThat(readAll(ORDERS)).last().extracting(SampleMessages::textOf).isEqualTo("young");
    assertThat(storage().log().at(young.position())).isPresent();
    assertThat(append(ORDERS, "next").queueOffset()).isEqualTo(enough() + 1L);
  }

  @Test
  void aQueueThatIsAllOldIsEmptyAndItsOffsetsGoOn() {
    openWith(MAX_AGE, Long.MAX_VALUE);
    append(PAYMENTS, "old and alone");
    fill(ORDERS, enough());
    time().advance(MAX_AGE.multipliedBy(2));
    append(ORDERS, "young");
    storage().maintenance().retain();
    assertThat(bounds(PAYMENTS)).isEqualTo(new QueueBounds(1, 1));
    assertThat(append(PAYMENTS, "next").queueOffset()).isEqualTo(1);
    assertThat(texts(PAYMENTS)).containsExactly("next");
    if (engine().persistent()) {
      fixture().reopen();
      assertThat(bounds(PAYMENTS)).isEqualTo(new QueueBounds(1, 2));
    }
  }

  @Test
  void liveHoldsSurvive() {
    openWith(MAX_AGE, Long.MAX_VALUE);
    hold(id(1), PAYMENTS, "held for long");
    fill(ORDERS, enough());
    for (int i = 0; i < 5; i++) {
      time().advance(MAX_AGE.multipliedBy(10));
      fill(ORDERS, enough());
      storage().maintenance().retain();
    }
    assertThat(storage().escrow().get(id(1)))
        .map(held -> SampleMessages.textOf(held.message()))
        .contains("held for long");
    if (engine().persistent()) {
      fixture().reopen();
    }
    Outcome release = apply(new Mutation.Release(id(1)));
    assertThat(texts(PAYMENTS)).containsExactly("held for long");
    assertThat(storage().log().at(release.position()))
        .map(SampleMessages::textOf)
        .contains("held for long");
  }

  @Test
  void aMessageIsAsOldAsItsRelease() {
    openWith(MAX_AGE, Long.MAX_VALUE);
    apply(
        new Mutation.Hold(
            id(1),
            PAYMENTS,
            SampleMessages.indexed(PAYMENTS, "held early", "k", "u"),
            io.escrowmq.spi.storage.HoldKind.DELAY,
            5,
            Bytes.EMPTY));
    fill(ORDERS, enough());
    time().advance(MAX_AGE.multipliedBy(3));
    apply(new Mutation.Release(id(1)));
    for (int i = 0; i < 2; i++) {
      fill(ORDERS, enough());
      storage().maintenance().retain();
      assertThat(texts(PAYMENTS)).containsExactly("held early");
      assertThat(found("u")).containsExactly("held early");
      if (engine().persistent()) {
        fixture().reopen();
      }
    }
    time().advance(MAX_AGE.multipliedBy(2));
    fill(ORDERS, enough());
    fill(PAYMENTS, 1);
    storage().maintenance().retain();
    assertThat(readAll(PAYMENTS)).last().extracting(Message::queueOffset).isEqualTo(1L);
  }

  @Test
  void theOldestGoWhileTheStoreIsTooLarge() {
    long maxBytes = 4L * BODY_BYTES + engine().retentionSlackBytes();
    openWith(Duration.ofDays(365), maxBytes);
    fill(ORDERS, 2 * enough());
    storage().maintenance().retain();
    assertThat(bounds(ORDERS).min()).isPositive();
    assertThat(bounds(ORDERS).max()).isEqualTo(2L * enough());
    long kept = readAll(ORDERS).stream().mapToLong(Message::size).sum();
    assertThat(kept).isBetween(1L, maxBytes + engine().retentionSlackBytes());
  }

  @Test
  void rowsAndDecisionsAreNotMessages() {
    openWith(MAX_AGE, Long.MAX_VALUE);
    put("k", "kept");
    hold(id(1), PAYMENTS, "released");
    Outcome release = apply(new Mutation.Release(id(1)));
    fill(ORDERS, enough());
    time().advance(Duration.ofDays(2));
    fill(ORDERS, enough());
    storage().maintenance().retain();
    if (engine().persistent()) {
      fixture().reopen();
    }
    assertThat(storage().tables().get(TABLE, Bytes.utf8("k"))).isPresent();
    assertThat(storage().escrow().status(id(1)).state()).isEqualTo(HoldStatus.State.RELEASED);
    assertThat(apply(new Mutation.Release(id(1))))
        .isEqualTo(new Outcome(Outcome.Result.ALREADY_RELEASED, 0, release.position()));
  }

  /** Number of messages that certainly exceeds what the engine may keep by its grain. */
  private int enough() {
    return (int) (3 * engine().retentionSlackBytes() / BODY_BYTES) + 10;
  }

  private long oldBytes(io.escrowmq.spi.storage.QueueId queue) {
    long youngMs = time().nowMs() - MAX_AGE.toMillis();
    return readAll(queue).stream()
        .filter(message -> message.storeTimeMs() < youngMs)
        .mapToLong(Message::size)
        .sum();
  }

  private List<String> found(String uniqueId) {
    return storage()
        .index()
        .find(
            new Query(
                PAYMENTS.topic(),
                Field.UNIQUE_ID,
                uniqueId,
                0,
                Long.MAX_VALUE,
                10,
                Optional.empty()))
        .messages()
        .stream()
        .map(SampleMessages::textOf)
        .toList();
  }

  private void fill(io.escrowmq.spi.storage.QueueId queue, int count) {
    for (int i = 0; i < count; i++) {
      apply(new Mutation.Append(queue, SampleMessages.sized(queue, BODY_BYTES)));
    }
  }

  private void openWith(Duration maxAge, long maxBytes) {
    RetentionPolicy retention = new RetentionPolicy(maxAge, maxBytes);
    fixture()
        .settings(settings ->
            new StorageSettings(
                settings.directory(),
                settings.durability(),
                settings.decisionRetention(),
                retention,
                settings.options()))
        .open();
  }
}
