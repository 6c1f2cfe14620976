package io.escrowmq.broker;

import static io.escrowmq.broker.BrokerFixture.get;
import static io.escrowmq.broker.BrokerFixture.pull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Starting, draining, stopping; and the broker on its own threads with the machine's clock. */
final class LifeCycleTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  @Test
  void answersWhatItAcceptedAndRefusesTheRest() throws InterruptedException {
    try (BrokerFixture fixture = BrokerFixture.withDefaults()) {
      fixture.topic("orders", 1);
      FakeConnection connection = new FakeConnection("c");
      CompletableFuture<PullAnswer> waiting =
          fixture.pull(pull(connection, QUEUE, 0, 15_000)).toCompletableFuture();
      fixture.storage.hold();
      CompletionStage<SendReceipt> accepted =
          fixture.broker.sending().send(Requests.to("orders").build());
      CountDownLatch drained = new CountDownLatch(1);
      Thread drain =
          Thread.startVirtualThread(() -> {
            if (fixture.broker.drain(Duration.ofSeconds(30))) {
              drained.countDown();
            }
          });
      assertThat(get(waiting).status()).isEqualTo(PullAnswer.Status.NOTHING_NEW);
      assertThat(BrokerFixture.codeOf(() -> fixture.send("orders", "late")))
          .isEqualTo(ErrorCode.NOT_SERVING);
      assertThat(BrokerFixture.codeOf(() -> get(fixture.pull(pull(connection, QUEUE, 0, 0)))))
          .isEqualTo(ErrorCode.NOT_SERVING);
      assertThat(drained.getCount()).isEqualTo(1);
      fixture.storage.goOn();
      assertThat(get(accepted).queueOffset()).isZero();
      assertThat(drained.await(10, TimeUnit.SECONDS)).isTrue();
      drain.join();
      fixture.broker.offsets().commit("g", QUEUE, 1);
      fixture.restart();
      assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(1);
    }
  }

  @Test
  void givesUpDrainingWhenTheTimeIsOver() {
    try (BrokerFixture fixture = BrokerFixture.withDefaults()) {
      fixture.topic("orders", 1);
      fixture.storage.hold();
      CompletionStage<SendReceipt> accepted =
          fixture.broker.sending().send(Requests.to("orders").build());
      assertThat(fixture.broker.drain(Duration.ZERO)).isFalse();
      fixture.storage.goOn();
      assertThat(get(accepted).queueOffset()).isZero();
    }
  }

  @Test
  void tellsWhoItIs() {
    try (BrokerFixture fixture = BrokerFixture.withDefaults()) {
      assertThat(fixture.broker.identity().cluster()).isEqualTo("DefaultCluster");
      assertThat(fixture.broker.identity().address()).isEqualTo(BrokerFixture.ADDRESS);
      Assertions.assertThatThrownBy(() ->
              fixture.broker.advertise(InetSocketAddress.createUnresolved("nowhere.invalid", 1)))
          .hasMessageContaining("nowhere.invalid");
    }
  }

  @Test
  void forgetsOldMessages() {
    try (BrokerFixture fixture = BrokerFixture.withDefaults()) {
      fixture.topic("orders", 1);
      fixture.send("orders", "old");
      fixture.pass(Duration.ofHours(71));
      fixture.send("orders", "young");
      fixture.pass(Duration.ofMinutes(62));
      assertThat(fixture.bodies("orders", 0)).containsExactly("young");
    }
  }

  @Test
  void closesTwice() {
    BrokerFixture fixture = BrokerFixture.withDefaults();
    fixture.broker.close();
    fixture.close();
    assertThat(fixture.broker.statistics()).isNotEmpty();
  }

  @Test
  void worksOnItsOwnThreads() {
    StorageSettings settings = StorageSettings.defaults(Path.of("unused"));
    InMemoryStorage first = InMemoryStorage.open(settings, StorageContext.system());
    try (Broker broker = Broker.start(BrokerSettings.DEFAULT, first, TimeSource.system())) {
      CompletableFuture<PullAnswer> waiting;
      get(broker.sending().send(Requests.to("orders").body("0").build()));
      waiting =
          broker
              .consuming()
              .pull(pull(new FakeConnection("c"), QUEUE, 1, 60_000))
              .toCompletableFuture();
      get(broker.sending().send(Requests.to("orders").body("1").build()));
      assertThat(BrokerFixture.bodies(get(waiting))).containsExactly("1");
      get(
          broker
              .sending()
              .send(Requests.to("orders").body("2").property("TIMER_DELAY_MS", "30").build()));
      await().until(() -> broker.offsets().bounds(QUEUE).max() == 3);
      get(
          broker
              .sending()
              .send(Requests.to("orders").body("3").property("TIMER_DELAY_MS", "300").build()));
      broker.offsets().commit("g", QUEUE, 2);
    }
    InMemoryStorage second = first.reopen(settings, StorageContext.system());
    try (second;
        Broker broker = Broker.start(BrokerSettings.DEFAULT, second, TimeSource.system())) {
      assertThat(broker.offsets().committed("g", QUEUE, false)).hasValue(2);
      await().until(() -> broker.offsets().bounds(QUEUE).max() == 4);
    }
  }

  @Test
  void deliversDelayedMessagesOnTime() {
    int count = 20_000;
    try (InMemoryStorage storage =
            InMemoryStorage.open(
                StorageSettings.defaults(Path.of("unused")), StorageContext.system());
        Broker broker = Broker.start(BrokerSettings.DEFAULT, storage, TimeSource.system())) {
      List<CompletionStage<SendReceipt>> sends = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String delayMs = "" + (500 + i % 2_000);
        sends.add(
            broker
                .sending()
                .send(Requests.to("orders").property("TIMER_DELAY_MS", delayMs).build()));
      }
      sends.forEach(BrokerFixture::get);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> broker.offsets().bounds(QUEUE).max() == count);
      assertThat(broker.statistics()).containsEntry("delayed-pending", 0L);
      try (MessageBatch batch =
          storage.log().read(QUEUE, 0, new ReadLimits(count, Integer.MAX_VALUE))) {
        // Hold ids are hashes; the delivery itself is in the order of the times.
        assertThat(batch.messages()).hasSize(count);
        assertThat(batch.messages()).extracting(Message::storeTimeMs).isSorted();
      }
    }
  }
}
