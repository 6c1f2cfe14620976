package io.escrowmq.broker;

import static io.escrowmq.broker.BrokerFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.ServerPush.CheckTransaction;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import io.escrowmq.spi.protocol.TransactionServices.EndRequest;
import io.escrowmq.spi.protocol.TransactionServices.Ended;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.tx.CheckPolicy;
import io.escrowmq.tx.CheckRules;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TransactionsTest {

  private static final CheckPolicy EAGER =
      new CheckPolicy(
          CheckRules.regular(Duration.ofMillis(20), Duration.ofMillis(50), 15, Duration.ofHours(1)),
          500,
          100,
          Duration.ofMillis(1));

  private final BrokerFixture fixture = BrokerFixture.withDefaults();

  @BeforeEach
  void createTopic() {
    fixture.topic("orders", 2);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void showsACommittedMessageAsConsumersExpectIt() {
    SendReceipt receipt = fixture.send(half("K").queue(1).body("transfer").property("TAGS", "t"));
    assertThat(receipt.queue()).isEqualTo(1);
    assertThat(receipt.uniqueKey()).isEqualTo("K");
    assertThat(receipt.queueOffset()).isNotNegative();
    assertThat(receipt.positions()).singleElement().satisfies(it -> assertThat(it).isPositive());
    assertThat(fixture.messages("orders", 1)).isEmpty();

    assertThat(end(receipt, Decision.COMMIT)).isEqualTo(new Ended.Decided(Decision.COMMIT, false));
    Message message = fixture.messages("orders", 1).getFirst();
    assertThat(SampleMessages.textOf(message)).isEqualTo("transfer");
    assertThat(message.systemFlag() & MessageFormat.FLAG_TRANSACTION_MASK)
        .isEqualTo(MessageFormat.FLAG_TRANSACTION_COMMIT);
    assertThat(message.preparedTransactionOffset()).isEqualTo(receipt.positions().getFirst());
    assertThat(message.property("TRAN_MSG")).contains("true");
    assertThat(message.property("REAL_TOPIC")).contains("orders");
    assertThat(message.property("REAL_QID")).contains("1");
    assertThat(message.property("PGROUP")).contains("producers");
    assertThat(message.property("CLUSTER")).contains("DefaultCluster");
    assertThat(message.tags()).contains("t");
  }

  @Test
  void decidesOnce() {
    SendReceipt receipt = fixture.send(half("K"));
    end(receipt, Decision.COMMIT);
    assertThat(end(receipt, Decision.COMMIT)).isEqualTo(new Ended.Decided(Decision.COMMIT, true));
    assertThat(end(receipt, Decision.ROLLBACK)).isEqualTo(new Ended.Conflict(Decision.COMMIT));
    assertThat(fixture.messages("orders", 0)).hasSize(1);
  }

  @Test
  void keepsARolledBackMessageInvisible() {
    SendReceipt receipt = fixture.send(half("K"));
    assertThat(end(receipt, Decision.ROLLBACK))
        .isEqualTo(new Ended.Decided(Decision.ROLLBACK, false));
    assertThat(end(receipt, Decision.COMMIT)).isEqualTo(new Ended.Conflict(Decision.ROLLBACK));
    assertThat(fixture.messages("orders", 0)).isEmpty();
  }

  @Test
  void saysWhatItDoesNotKnow() {
    SendReceipt receipt = fixture.send(half("K"));
    assertThat(end(receipt, Decision.UNKNOWN)).isEqualTo(new Ended.StillOpen());
    assertThat(end(new TransactionHandle(1, 2), "producers", Decision.COMMIT))
        .isEqualTo(new Ended.NotFound());
    assertThat(end(new TransactionHandle(-1, 2), "producers", Decision.COMMIT))
        .isEqualTo(new Ended.NotFound());
    assertThat(end(handleOf(receipt), "strangers", Decision.COMMIT))
        .isEqualTo(new Ended.WrongGroup());
    assertThat(fixture.messages("orders", 0)).isEmpty();
  }

  @Test
  void findsTheFirstHalfWhenAClientSendsAgain() {
    SendReceipt first = fixture.send(half("K").queue(0));
    SendReceipt again = fixture.send(half("K").queue(1));
    assertThat(again).isEqualTo(first);
    end(first, Decision.COMMIT);
    assertThat(BrokerFixture.codeOf(() -> fixture.send(half("K"))))
        .isEqualTo(ErrorCode.TRANSACTION_DUPLICATE);
    assertThat(fixture.messages("orders", 0)).hasSize(1);
    assertThat(fixture.messages("orders", 1)).isEmpty();
  }

  @Test
  void keepsOpenTransactionsOverARestart() {
    SendReceipt receipt = fixture.send(half("K"));
    fixture.restart();
    assertThat(fixture.broker.statistics()).containsEntry("transactions-open", 1L);
    assertThat(end(receipt, Decision.COMMIT)).isEqualTo(new Ended.Decided(Decision.COMMIT, false));
    fixture.restart();
    assertThat(end(receipt, Decision.COMMIT)).isEqualTo(new Ended.Decided(Decision.COMMIT, true));
    assertThat(fixture.messages("orders", 0)).hasSize(1);
  }

  @Test
  void deliversACommittedMessageAtItsTime() {
    SendReceipt receipt = fixture.send(half("K").property("TIMER_DELAY_SEC", "10"));
    fixture.pass(Duration.ofSeconds(3));
    end(receipt, Decision.COMMIT);
    fixture.pass(Duration.ofMillis(6_999));
    assertThat(fixture.messages("orders", 0)).isEmpty();
    fixture.pass(Duration.ofMillis(1));
    assertThat(fixture.messages("orders", 0)).hasSize(1);
  }

  @Test
  void createsTheTopicOfAHalfMessage() {
    SendReceipt receipt =
        fixture.send(Requests.to("fresh").key("K").property("TRAN_MSG", "true").body("b"));
    end(receipt, Decision.COMMIT);
    assertThat(fixture.bodies("fresh", 0)).containsExactly("b");
  }

  @Test
  void refusesHalfMessagesWithoutGroup() {
    assertThat(BrokerFixture.codeOf(() -> fixture.send(half("K").group(""))))
        .isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
    assertThat(fixture.broker.statistics()).containsEntry("in-flight-bytes", 0L);
  }

  @Test
  void asksProducersAboutOpenTransactions() {
    try (InMemoryStorage storage =
            InMemoryStorage.open(
                StorageSettings.defaults(Path.of("unused")), StorageContext.system());
        Broker broker =
            Broker.start(BrokerSettings.DEFAULT.withChecks(EAGER), storage, TimeSource.system())) {
      broker.advertise(BrokerFixture.ADDRESS);
      FakeConnection other = new FakeConnection("other");
      FakeConnection sender = new FakeConnection("sender");
      broker.groups().heartbeat(other, BrokerFixture.producer("client-1", "producers"));
      broker.groups().heartbeat(sender, BrokerFixture.producer("client-2", "producers"));
      SendReceipt receipt =
          get(broker.sending().send(half("K").clientId("client-2").body("open").queue(1).build()));
      await().until(() -> !sender.pushes(CheckTransaction.class).isEmpty());

      CheckTransaction check = sender.pushes(CheckTransaction.class).getFirst();
      assertThat(check.producerGroup()).isEqualTo("producers");
      assertThat(check.transactionId()).isEqualTo("K");
      assertThat(check.handle()).isEqualTo(handleOf(receipt));
      Message message = check.message();
      assertThat(message.queueId()).isEqualTo(new QueueId("orders", 1));
      assertThat(SampleMessages.textOf(message)).isEqualTo("open");
      assertThat(message.systemFlag() & MessageFormat.FLAG_TRANSACTION_MASK)
          .isEqualTo(MessageFormat.FLAG_TRANSACTION_PREPARED);
      assertThat(message.property("TRANSACTION_CHECK_TIMES")).contains("1");
      assertThat(message.property("PGROUP")).contains("producers");
      assertThat(message.queueOffset()).isEqualTo(check.handle().queueOffset());
      assertThat(message.position()).isEqualTo(check.handle().commitLogOffset());

      broker.groups().connectionClosed(sender);
      sender.close();
      await().until(() -> !other.pushes(CheckTransaction.class).isEmpty());
      Ended ended =
          get(
              broker
                  .sending()
                  .transactions()
                  .end(
                      new EndRequest(
                          check.handle(), "producers", "client-1", "K", Decision.COMMIT, true)));
      assertThat(ended).isEqualTo(new Ended.Decided(Decision.COMMIT, false));
      assertThat(storage.log().bounds(new QueueId("orders", 1)).max()).isEqualTo(1);
    }
  }

  @Test
  void asksTheNextMemberWhenAConnectionIsFull() {
    try (InMemoryStorage storage =
            InMemoryStorage.open(
                StorageSettings.defaults(Path.of("unused")), StorageContext.system());
        Broker broker =
            Broker.start(BrokerSettings.DEFAULT.withChecks(EAGER), storage, TimeSource.system())) {
      SendReceipt receipt = get(broker.sending().send(half("K").clientId("c1").build()));
      FakeConnection full = new FakeConnection("full");
      full.fill();
      broker.groups().heartbeat(full, BrokerFixture.producer("c1", "producers"));
      FakeConnection free = new FakeConnection("free");
      broker.groups().heartbeat(free, BrokerFixture.producer("c2", "producers"));
      await().until(() -> !free.pushes(CheckTransaction.class).isEmpty());
      assertThat(free.pushes(CheckTransaction.class).getFirst().handle())
          .isEqualTo(handleOf(receipt));
    }
  }

  @Test
  void asksAgainAboutWhatWasGivenUp() {
    CheckPolicy once =
        new CheckPolicy(
            CheckRules.regular(
                Duration.ofMillis(20), Duration.ofMillis(20), 1, Duration.ofHours(1)),
            500,
            100,
            Duration.ofMillis(1));
    try (InMemoryStorage storage =
            InMemoryStorage.open(
                StorageSettings.defaults(Path.of("unused")), StorageContext.system());
        Broker broker =
            Broker.start(BrokerSettings.DEFAULT.withChecks(once), storage, TimeSource.system())) {
      TransactionServices door = broker.sending().transactions();
      FakeConnection sender = new FakeConnection("sender");
      broker.groups().heartbeat(sender, BrokerFixture.producer("client", "producers"));
      SendReceipt receipt = get(broker.sending().send(half("K").body("open").build()));
      long position = receipt.positions().getFirst();
      assertThat(get(door.resumeChecks("orders", position, "me"))).as("still asked").isFalse();
      await().until(() -> door.parked(position).isPresent());
      int asked = sender.pushes(CheckTransaction.class).size();

      Message half = door.parked(position).orElseThrow();
      assertThat(SampleMessages.textOf(half)).isEqualTo("open");
      assertThat(half.position()).isEqualTo(position);
      assertThat(half.queueOffset()).as("whoever sees it cannot end it").isZero();
      assertThat(door.parked(position + 1)).isEmpty();
      assertThat(door.parked(-1)).isEmpty();
      assertThat(get(door.resumeChecks("others", position, "me"))).isFalse();
      assertThat(get(door.resumeChecks("orders", -1, "me"))).isFalse();
      assertThat(sender.pushes(CheckTransaction.class)).hasSize(asked);

      assertThat(get(door.resumeChecks("orders", position, "me"))).isTrue();
      await().until(() -> sender.pushes(CheckTransaction.class).size() > asked);
    }
  }

  private static Requests half(String key) {
    return Requests.to("orders")
        .key(key)
        .property("TRAN_MSG", "true")
        .property("PGROUP", "producers")
        .systemFlag(MessageFormat.FLAG_TRANSACTION_PREPARED);
  }

  private static TransactionHandle handleOf(SendReceipt receipt) {
    return new TransactionHandle(receipt.queueOffset(), receipt.positions().getFirst());
  }

  private Ended end(SendReceipt receipt, Decision decision) {
    return end(handleOf(receipt), "producers", decision);
  }

  private Ended end(TransactionHandle handle, String group, Decision decision) {
    return get(
        fixture
            .broker
            .sending()
            .transactions()
            .end(new EndRequest(handle, group, "client", "", decision, false)));
  }
}
