package io.escrowmq.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.MessageIndex.Answer;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.StorageContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.rocksdb.Status;

/** Messages in buckets of time: looked up across them, dropped whole, at any point of it. */
class BucketTest extends StorageContract {

  private static final Duration RETENTION = Duration.ofDays(3);

  private final Detour detour = new Detour();

  @Override
  protected EngineUnderTest engine() {
    return detour;
  }

  @Test
  void aLookUpGoesThroughTheBucketsPageByPage() {
    for (int i = 0; i < 20; i++) {
      apply(
          new Mutation.Append(ORDERS, SampleMessages.indexed(ORDERS, "m" + i, "key", "id" + i)),
          new Mutation.Append(ORDERS_1, SampleMessages.indexed(ORDERS_1, "n" + i, "key", "")));
      time().advance(Duration.ofMinutes(25));
    }
    assertThat(buckets()).isGreaterThan(5);
    List<String> found = new ArrayList<>();
    Optional<Bytes> continuation = Optional.empty();
    do {
      Answer page =
          storage()
              .index()
              .find(new Query("orders", Field.KEY, "key", 0, Long.MAX_VALUE, 3, continuation));
      page.messages().forEach(message -> found.add(SampleMessages.textOf(message)));
      continuation = page.continuation();
    } while (continuation.isPresent());
    assertThat(found).hasSize(40).doesNotHaveDuplicates();
    assertThat(found.subList(0, 2)).containsExactlyInAnyOrder("m19", "n19");
    assertThat(readAll(ORDERS)).hasSize(20);
  }

  @Test
  void anInterruptedDropIsFinishedLater() {
    for (int stop = 1; stop <= 4; stop++) {
      QueueId busy = new QueueId("busy-" + stop, 0);
      QueueId quiet = new QueueId("quiet-" + stop, 0);
      append(quiet, "old and alone");
      append(busy, "old");
      time().advance(RETENTION.plusHours(1));
      detour.failAfter(stop, Status.SubCode.None);
      try {
        storage().maintenance().retain();
      } catch (StorageException.Unavailable interrupted) {
        assertThat(interrupted).hasMessageContaining("injected");
      }
      detour.heal();
      fixture().reopen();
      append(busy, "young");
      append(quiet, "young too");
      assertThat(texts(busy)).endsWith("young");
      time().advance(Duration.ofHours(2));
      append(busy, "younger");
      assertThat(texts(busy)).endsWith("young", "younger");
      storage().maintenance().retain();
      assertThat(texts(busy)).endsWith("young", "younger");
      assertThat(bounds(quiet).max()).isEqualTo(2);
      assertThat(texts(quiet)).endsWith("young too");
      assertThat(storage().maintenance().verify().records()).isPositive();
    }
  }

  @Test
  void anIdleStoreForgetsItsLastBucketToo() {
    append(ORDERS, "a");
    append(PAYMENTS, "b");
    time().advance(RETENTION.plusHours(1));
    storage().maintenance().retain();
    assertThat(buckets()).isZero();
    assertThat(bounds(ORDERS)).isEqualTo(new QueueBounds(1, 1));
    fixture().reopen();
    assertThat(append(ORDERS, "c").queueOffset()).isEqualTo(1);
    assertThat(texts(ORDERS)).containsExactly("c");
    assertThat(bounds(PAYMENTS)).isEqualTo(new QueueBounds(1, 1));
  }

  @Test
  void aBucketOfManyQueuesIsLeftInSteps() {
    int queues = 2_500;
    List<Mutation> appends = new ArrayList<>();
    for (int i = 0; i < queues; i++) {
      QueueId queue = new QueueId("many", i);
      appends.add(new Mutation.Append(queue, SampleMessages.message(queue, "m")));
    }
    apply(appends.toArray(Mutation[]::new));
    time().advance(RETENTION.plusHours(1));
    storage().maintenance().retain();
    for (int i = 0; i < queues; i++) {
      assertThat(bounds(new QueueId("many", i))).isEqualTo(new QueueBounds(1, 1));
    }
    assertThat(buckets()).isZero();
  }

  @Test
  void aReleaseOfTooMuchAtOnceIsRefusedWhole() {
    int size = 300_000;
    fixture().settings(BucketTest::releasingLittle).open();
    List<Mutation> releases = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      apply(
          new Mutation.Hold(
              id(i),
              ORDERS,
              SampleMessages.sized(ORDERS, size),
              HoldKind.TRANSACTION,
              1,
              Bytes.EMPTY));
      releases.add(new Mutation.Release(id(i)));
    }
    assertThatThrownBy(() -> apply(releases.toArray(Mutation[]::new)))
        .isInstanceOf(StorageException.TooLarge.class);
    assertThat(bounds(ORDERS)).isEqualTo(QueueBounds.EMPTY);
    apply(releases.subList(0, 2).toArray(Mutation[]::new));
    assertThat(bounds(ORDERS).max()).isEqualTo(2);
  }

  private static StorageSettings releasingLittle(StorageSettings settings) {
    Map<String, String> options = new HashMap<>(settings.options());
    options.put("release-bytes", Integer.toString(1024 * 1024));
    return new StorageSettings(
        settings.directory(),
        settings.durability(),
        settings.decisionRetention(),
        settings.retention(),
        options);
  }

  private long buckets() {
    return storage().maintenance().statistics().get("buckets");
  }
}
