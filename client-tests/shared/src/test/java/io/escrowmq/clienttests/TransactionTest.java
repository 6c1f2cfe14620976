package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The transactional producer as applications use it. */
final class TransactionTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void committedMessagesAppearAndRolledBackOnesDoNot() throws Exception {
    String topic = clients.topic(2);
    Listener listener = new Listener(message -> LocalTransactionState.UNKNOW);
    TransactionMQProducer producer =
        clients.transactionProducer(clients.name("transactions"), listener);
    Inbox inbox = clients.inbox(topic);

    List<String> committed = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      LocalTransactionState outcome =
          i % 2 == 0
              ? LocalTransactionState.COMMIT_MESSAGE
              : LocalTransactionState.ROLLBACK_MESSAGE;
      TransactionSendResult result =
          producer.sendMessageInTransaction(message(topic, "m" + i), outcome);
      assertThat(result.getLocalTransactionState()).isEqualTo(outcome);
      assertThat(result.getTransactionId()).isEqualTo(result.getMsgId());
      if (i % 2 == 0) {
        committed.add("m" + i);
      }
    }

    inbox.awaitExactly(committed);
    assertThat(listener.checked).isEmpty();
  }

  @Test
  void aCommittedMessageIsWhatWasSent() throws Exception {
    String topic = clients.topic(1);
    TransactionMQProducer producer =
        clients.transactionProducer(
            clients.name("transactions"), new Listener(message -> LocalTransactionState.UNKNOW));
    Message message = new Message(topic, "the-tag", "the-key", new byte[] {0, 1, 2, -1});
    message.putUserProperty("mine", "stays");

    TransactionSendResult sent =
        producer.sendMessageInTransaction(message, LocalTransactionState.COMMIT_MESSAGE);

    MessageExt received = clients.inbox(topic, "the-tag").awaitOne();
    assertThat(received.getBody()).containsExactly(0, 1, 2, -1);
    assertThat(received.getTopic()).isEqualTo(topic);
    assertThat(received.getTags()).isEqualTo("the-tag");
    assertThat(received.getKeys()).isEqualTo("the-key");
    assertThat(received.getProperty("mine")).isEqualTo("stays");
    assertThat(received.getMsgId()).isEqualTo(sent.getMsgId());
    assertThat(received.getQueueOffset()).isZero();
  }

  @Test
  void anUndecidedMessageIsInvisibleAndLaterOnesPassIt() throws Exception {
    String topic = clients.topic(1);
    TransactionMQProducer producer =
        clients.transactionProducer(
            clients.name("transactions"), new Listener(message -> LocalTransactionState.UNKNOW));
    Inbox inbox = clients.inbox(topic);

    producer.sendMessageInTransaction(message(topic, "undecided"), LocalTransactionState.UNKNOW);
    clients.producer().send(message(topic, "plain"));

    assertThat(Inbox.body(inbox.awaitOne())).isEqualTo("plain");
    assertThat(inbox.messages().get(0).getQueueOffset()).isZero();
  }

  @Test
  void unknownOutcomesAreSettledByAnotherInstanceOfTheGroup() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("transactions");
    Listener forgetful = new Listener(message -> LocalTransactionState.UNKNOW);
    TransactionMQProducer leaving = clients.transactionProducer(group, forgetful);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ids.add(
          leaving
              .sendMessageInTransaction(message(topic, "m" + i), LocalTransactionState.UNKNOW)
              .getMsgId());
    }
    leaving.shutdown();
    Inbox inbox = clients.inbox(topic);

    Listener other =
        new Listener(message ->
            Integer.parseInt(Inbox.body(message).substring(1)) < 5
                ? LocalTransactionState.COMMIT_MESSAGE
                : LocalTransactionState.ROLLBACK_MESSAGE);
    // The client makes itself known to a broker with its first send, not before.
    clients
        .transactionProducer(group, other)
        .sendMessageInTransaction(message(topic, "hello"), LocalTransactionState.COMMIT_MESSAGE);

    List<String> visible = new ArrayList<>(numbered("m", 5));
    visible.add("hello");
    inbox.awaitExactly(visible);
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(
            () -> assertThat(other.checked.keySet()).containsExactlyInAnyOrderElementsOf(ids));
    assertThat(other.checked.values())
        .allSatisfy(question -> {
          assertThat(question.getTopic()).isEqualTo(topic);
          assertThat(question.getProperty("PGROUP")).isEqualTo(group);
        });
    assertThat(inbox.bodies()).containsExactlyInAnyOrderElementsOf(visible);
  }

  @Test
  void whoCannotAnswerIsAskedAgain() throws Exception {
    String topic = clients.topic(1);
    AtomicInteger questions = new AtomicInteger();
    Listener listener =
        new Listener(message ->
            questions.incrementAndGet() < 2
                ? LocalTransactionState.UNKNOW
                : LocalTransactionState.COMMIT_MESSAGE);
    TransactionMQProducer producer =
        clients.transactionProducer(clients.name("transactions"), listener);

    producer.sendMessageInTransaction(message(topic, "slow"), LocalTransactionState.UNKNOW);

    assertThat(Inbox.body(clients.inbox(topic).awaitOne())).isEqualTo("slow");
    assertThat(questions).hasValue(2);
  }

  /** Ends a local transaction as the argument of the send says; remembers the check-backs. */
  private static final class Listener implements TransactionListener {
    private final Map<String, MessageExt> checked = new ConcurrentHashMap<>();
    private final Function<MessageExt, LocalTransactionState> answer;

    Listener(Function<MessageExt, LocalTransactionState> answer) {
      this.answer = answer;
    }

    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object outcome) {
      return (LocalTransactionState) outcome;
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt message) {
      checked.put(message.getTransactionId(), message);
      return answer.apply(message);
    }
  }
}
