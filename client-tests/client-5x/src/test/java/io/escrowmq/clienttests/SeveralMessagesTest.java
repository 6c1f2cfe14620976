package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.escrowmq.client.CheckListener;
import io.escrowmq.client.EscrowException;
import io.escrowmq.client.EscrowTransaction;
import io.escrowmq.client.EscrowTransactions;
import io.escrowmq.client.LocalOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Transactions of several messages, with this project's client library and without it. */
@Tag("escrowmq-only")
final class SeveralMessagesTest {
  private static final int OPEN = 30_001;
  private static final int ADD = 30_002;
  private static final int DECIDE = 30_003;
  private static final int VIEW = 30_004;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void everythingAppearsAtOnceOrNothing() throws Exception {
    String debits = clients.topic(2);
    String credits = clients.topic(2);
    Inbox debited = clients.inbox(debits);
    Inbox credited = clients.inbox(credits);
    try (EscrowTransactions transactions = transactions(key -> LocalOutcome.UNKNOWN)) {
      EscrowTransaction dropped = transactions.open(clients.name("key"));
      dropped.send(message(debits, "never"));
      dropped.send(message(credits, "never"));
      dropped.rollback();
      EscrowTransaction kept = transactions.open(clients.name("key"));
      kept.send(message(debits, "debit"));
      kept.send(message(credits, "credit"));
      clients.producer().send(message(debits, "plain"));
      debited.awaitExactly(List.of("plain"));
      assertThat(credited.bodies()).isEmpty();

      kept.commit();
      kept.commit();

      debited.awaitExactly(List.of("plain", "debit"));
      credited.awaitExactly(List.of("credit"));
      assertThatThrownBy(kept::rollback).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> kept.send(message(debits, "late")))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void orderingKeysTagsKeysAndDeliveryTimesCount() throws Exception {
    String topic = clients.topic(4);
    Inbox inbox = clients.inbox(topic);
    Inbox tagged = clients.inbox(topic, "odd");
    try (EscrowTransactions transactions = transactions(key -> LocalOutcome.UNKNOWN)) {
      EscrowTransaction transaction = transactions.open(clients.name("key"));
      for (int i = 0; i < 10; i++) {
        Message message = message(topic, "m" + i);
        message.setTags(i % 2 == 0 ? "even" : "odd");
        message.setKeys("order-" + i);
        transaction.send(message, "customer");
      }
      Message later = message(topic, "later");
      later.setDelayTimeMs(3_000);
      transaction.send(later);
      transaction.commit();

      List<String> numbered = new ArrayList<>(SendTest.numbered("m", 10));
      inbox.awaitAtLeast(10);
      List<MessageExt> messages = inbox.messages().subList(0, 10);
      int queue = Math.abs("customer".hashCode() % 4);
      assertThat(messages).allMatch(it -> it.getQueueId() == queue);
      assertThat(
              messages.stream()
                  .sorted((a, b) -> Long.compare(a.getQueueOffset(), b.getQueueOffset()))
                  .map(Inbox::body))
          .containsExactlyElementsOf(numbered);
      assertThat(messages).anyMatch(it -> it.getKeys().equals("order-7"));
      assertThat(inbox.bodies()).doesNotContain("later");
      numbered.add("later");
      inbox.awaitExactly(numbered);
      tagged.awaitExactly(List.of("m1", "m3", "m5", "m7", "m9"));
    }
  }

  @Test
  void whoeverOfTheGroupIsAskedOnceAndDecidesAboutAllOfIt() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("group");
    Inbox inbox = clients.inbox(topic);
    String committed = clients.name("committed");
    String rolledBack = clients.name("rolled-back");
    try (EscrowTransactions gone = transactions(group, topic, key -> LocalOutcome.UNKNOWN)) {
      for (String key : List.of(committed, rolledBack)) {
        EscrowTransaction transaction = gone.open(key);
        for (int i = 0; i < 5; i++) {
          transaction.send(message(topic, key + i));
        }
      }
    }
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    try (EscrowTransactions other =
        transactions(
            group,
            topic,
            key -> {
              asked.add(key);
              return key.equals(committed) ? LocalOutcome.COMMIT : LocalOutcome.ROLLBACK;
            })) {
      inbox.awaitExactly(IntStream.range(0, 5).mapToObj(i -> committed + i).toList());
      await().atMost(Inbox.PATIENCE).until(() -> asked.contains(rolledBack));
    }
    assertThat(asked).containsOnlyOnce(committed, rolledBack);
  }

  @Test
  void aTransactionThatSomebodyElseDecidedIsAConflict() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("group");
    String key = clients.name("key");
    try (EscrowTransactions transactions = transactions(group, topic, k -> LocalOutcome.ROLLBACK)) {
      EscrowTransaction slow = transactions.open(key);
      slow.send(message(topic, "m"));
      EscrowTransaction same = transactions.open(key);
      assertThatThrownBy(() -> same.send(message(topic, "another")))
          .isInstanceOf(EscrowException.class);
      same.rollback();
      assertThatThrownBy(slow::commit)
          .isInstanceOfSatisfying(
              EscrowException.class,
              e -> assertThat(e.kind()).isEqualTo(EscrowException.Kind.CONFLICT));
      assertThatThrownBy(() -> transactions.open(key).send(message(topic, "again")))
          .isInstanceOfSatisfying(
              EscrowException.class,
              e -> assertThat(e.kind()).isEqualTo(EscrowException.Kind.DECIDED));
    }
  }

  @Test
  void aCommitOfOtherMessagesIsAConflictAndTheSameAgainIsHarmless() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("group");
    String key = clients.name("key");
    Inbox inbox = clients.inbox(topic);
    try (EscrowTransactions transactions = transactions(group, topic, k -> LocalOutcome.UNKNOWN)) {
      Message first = message(topic, "first");
      EscrowTransaction whole = transactions.open(key);
      whole.send(first);
      whole.send(message(topic, "second"));
      EscrowTransaction part = transactions.open(key);
      part.send(first);
      whole.commit();

      assertThatThrownBy(part::commit)
          .isInstanceOfSatisfying(
              EscrowException.class,
              e -> assertThat(e.kind()).isEqualTo(EscrowException.Kind.CONFLICT))
          .hasMessageContaining("committed before with the messages 0,1");
      whole.commit();
      inbox.awaitExactly(List.of("first", "second"));
    }
  }

  @Test
  void tornReorderedAndRepeatedRequestsAreHarmless() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    Remoting remoting = Remoting.toBrokerOf(topic, clients.producer());
    Map<String, String> open =
        Map.of("producerGroup", "raw", "transactionKey", clients.name("key"));
    String id = remoting.call(OPEN, open).getExtFields().get("transactionId");
    assertThat(remoting.call(OPEN, open).getExtFields())
        .containsEntry("transactionId", id)
        .containsEntry("repeated", "true");
    assertThat(add(remoting, id, topic, 1, "second").getCode()).isZero();
    RemotingCommand early = decide(remoting, id, "COMMIT", "0-1");
    assertThat(early.getCode()).as(early.getRemark()).isEqualTo(30_104);
    assertThat(early.getExtFields()).containsEntry("missing", "0");
    for (int i = 0; i < 3; i++) {
      assertThat(add(remoting, id, topic, 0, "first").getCode()).isZero();
      assertThat(add(remoting, id, topic, 1, "second").getCode()).isZero();
    }
    assertThat(add(remoting, id, topic, 1, "other").getCode()).isEqualTo(604);
    assertThat(add(remoting, id, topic, 7, "not named").getCode()).isZero();
    RemotingCommand seen = remoting.call(VIEW, Map.of("producerGroup", "raw", "transactionId", id));
    assertThat(seen.getExtFields()).containsEntry("state", "OPEN");
    assertThat(new String(seen.getBody(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"sequence\":7");
    assertThat(
            remoting
                .call(VIEW, Map.of("producerGroup", "strangers", "transactionId", id))
                .getCode())
        .isEqualTo(16);

    for (int i = 0; i < 3; i++) {
      RemotingCommand done = decide(remoting, id, "COMMIT", "0-1");
      assertThat(done.getCode()).as(done.getRemark()).isZero();
      assertThat(done.getExtFields()).containsEntry("repeated", Boolean.toString(i > 0));
      assertThat(new String(done.getBody(), java.nio.charset.StandardCharsets.UTF_8))
          .contains("\"queueOffset\":1");
    }

    assertThat(decide(remoting, id, "ROLLBACK", "").getCode()).isEqualTo(30_103);
    assertThat(decide(remoting, id, "COMMIT", "0-1,7").getCode()).isEqualTo(30_103);
    assertThat(add(remoting, id, topic, 2, "late").getCode()).isEqualTo(30_102);
    assertThat(remoting.call(OPEN, open).getCode()).isEqualTo(30_102);
    assertThat(decide(remoting, "0".repeat(32), "COMMIT", "all").getCode()).isEqualTo(30_101);
    assertThat(decide(remoting, id, "COMMIT", "2-1").getCode()).isEqualTo(1);
    inbox.awaitExactly(List.of("first", "second"));
    // Several threads consume: they lie in the queue in order, whoever came first here.
    assertThat(inbox.messages())
        .extracting(it -> it.getQueueOffset() + " " + Inbox.body(it))
        .containsExactlyInAnyOrder("0 first", "1 second");
  }

  private static RemotingCommand add(
      Remoting remoting, String id, String topic, int sequence, String body) throws Exception {
    Map<String, Object> fields = new ConcurrentHashMap<>();
    fields.put("producerGroup", "raw");
    fields.put("transactionId", id);
    fields.put("sequence", sequence);
    fields.put("topic", topic);
    fields.put("queueId", -1);
    fields.put("sysFlag", 0);
    fields.put("bornTimestamp", 1_700_000_000_000L);
    fields.put("properties", "UNIQ_KEY\u0001" + id + sequence + "\u0002");
    return remoting.call(ADD, fields, body);
  }

  private static RemotingCommand decide(
      Remoting remoting, String id, String decision, String messages) throws Exception {
    return remoting.call(
        DECIDE,
        Map.of(
            "producerGroup", "raw",
            "transactionId", id,
            "decision", decision,
            "messages", messages));
  }

  private EscrowTransactions transactions(CheckListener listener) throws Exception {
    return EscrowTransactions.builder(clients.name("group"), SERVER.nameServer())
        .instanceName(clients.name("instance"))
        .checkListener(listener)
        .timeouts(20_000, 5)
        .start();
  }

  private EscrowTransactions transactions(String group, String topic, CheckListener listener)
      throws Exception {
    return EscrowTransactions.builder(group, SERVER.nameServer())
        .instanceName(clients.name("instance"))
        .checkListener(listener)
        .topics(List.of(topic))
        .timeouts(20_000, 5)
        .start();
  }
}
