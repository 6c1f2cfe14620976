package io.escrowmq.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.escrowmq.client.EscrowException.Kind;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.junit.jupiter.api.Test;

/** What a transaction asks of which broker, and what is left to do when something fails. */
final class EscrowTransactionTest {

  private final ScriptedBroker brokers =
      new ScriptedBroker()
          .topic("debits", "a", 4)
          .topic("debits", "b", 4)
          .topic("credits", "a", 4)
          .topic("credits", "b", 4)
          .topic("only-a", "a", 1);

  @Test
  void messagesAreNumberedAndTheCommitNamesThem() throws EscrowException {
    EscrowTransaction transaction = open("t-1");
    assertThat(transaction.transactionId()).isEmpty();
    transaction.send(message("debits"));
    transaction.send(message("credits"));
    transaction.commit();

    assertThat(transaction.transactionId()).contains(ScriptedBroker.ID);
    assertThat(brokers.of(Codes.OPEN_TRANSACTION))
        .singleElement()
        .satisfies(call -> {
          assertThat(call.field("producerGroup")).isEqualTo("g");
          assertThat(call.field("transactionKey")).isEqualTo("t-1");
        });
    assertThat(brokers.of(Codes.ADD_TO_TRANSACTION))
        .extracting(call -> call.field("sequence") + " " + call.field("topic"))
        .containsExactly("0 debits", "1 credits");
    assertThat(brokers.of(Codes.DECIDE_TRANSACTION))
        .singleElement()
        .satisfies(call -> {
          assertThat(call.field("decision")).isEqualTo("COMMIT");
          assertThat(call.field("messages")).isEqualTo("0-1");
          assertThat(call.field("transactionId")).isEqualTo(ScriptedBroker.ID);
        });
    assertThat(brokers.calls).extracting(ScriptedBroker.Call::broker).containsOnly(homeOf("t-1"));
  }

  @Test
  void aKeyComesToTheSameBrokerAgain() throws EscrowException {
    for (int i = 0; i < 20; i++) {
      open("t-" + i).send(message("debits"));
      open("t-" + i).send(message("credits"));
    }
    assertThat(brokers.of(Codes.OPEN_TRANSACTION))
        .hasSize(40)
        .allSatisfy(
            call -> assertThat(call.broker()).isEqualTo(homeOf(call.field("transactionKey"))));
    assertThat(brokers.of(Codes.OPEN_TRANSACTION))
        .as("both brokers have some")
        .extracting(ScriptedBroker.Call::broker)
        .contains("a", "b");
  }

  @Test
  void theFirstOrderingKeyChoosesBrokerAndQueue() throws EscrowException {
    for (int i = 0; i < 8; i++) {
      brokers.calls.clear();
      String orderingKey = "account-" + i;
      // As SelectMessageQueueByHash of the official client does, over the queues of all brokers.
      int chosen = Math.abs(orderingKey.hashCode() % 8);
      open("t").send(message("debits"), orderingKey);

      ScriptedBroker.Call added = brokers.of(Codes.ADD_TO_TRANSACTION).get(0);
      assertThat(added.broker()).isEqualTo(chosen < 4 ? "a" : "b");
      assertThat(added.field("queueId")).isEqualTo("" + chosen % 4);
      assertThat(added.field("properties")).contains(orderingKey);
    }
  }

  @Test
  void anOrderingKeyOfAnotherBrokerIsRefusedAndOnlyARollbackIsLeft() throws EscrowException {
    EscrowTransaction transaction = open("t");
    transaction.send(message("debits"), keyOf("a"));
    assertThatExceptionOfType(EscrowException.class)
        .isThrownBy(() -> transaction.send(message("credits"), keyOf("b")))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.OTHER_BROKER))
        .withMessageContaining("belongs to broker b");

    assertThatIllegalStateException().isThrownBy(transaction::commit);
    assertThatIllegalStateException().isThrownBy(() -> transaction.send(message("debits")));
    assertThat(brokers.of(Codes.DECIDE_TRANSACTION)).isEmpty();
    transaction.rollback();
    assertThat(brokers.of(Codes.DECIDE_TRANSACTION))
        .extracting(call -> call.field("decision"))
        .containsExactly("ROLLBACK");
  }

  @Test
  void aTopicThatIsNotOnTheBrokerIsRefused() throws EscrowException {
    EscrowTransaction transaction = open("t");
    transaction.send(message("debits"), keyOf("b"));
    assertThatExceptionOfType(EscrowException.class)
        .isThrownBy(() -> transaction.send(message("only-a")))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.OTHER_BROKER));
  }

  @Test
  void aTopicThatDoesNotExistGoesWhereTopicsAreCreated() throws EscrowException {
    assertThatExceptionOfType(EscrowException.class)
        .isThrownBy(() -> open("t").send(message("new")))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.OTHER_BROKER))
        .withMessageContaining("new");
    assertThat(brokers.calls).isEmpty();

    brokers.topic(TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC, "b", 8);
    open("t").send(message("new"));
    assertThat(brokers.of(Codes.ADD_TO_TRANSACTION))
        .singleElement()
        .satisfies(call -> {
          assertThat(call.broker()).isEqualTo("b");
          assertThat(call.field("queueId")).isEqualTo("-1");
          assertThat(call.field("defaultTopic"))
              .isEqualTo(TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC);
        });
  }

  @Test
  void anAdditionWithoutAnswerLeavesOnlyTheRollback() throws EscrowException {
    EscrowTransaction transaction = open("t");
    brokers.fail(Codes.ADD_TO_TRANSACTION, Kind.OUTCOME_UNKNOWN);
    assertThatExceptionOfType(EscrowException.class)
        .isThrownBy(() -> transaction.send(message("debits")));
    brokers.recover();
    assertThatIllegalStateException()
        .isThrownBy(transaction::commit)
        .withMessageContaining("only a rollback");
    transaction.rollback();
  }

  @Test
  void aCommitWithoutAnswerMayBeRepeatedAndNothingElse() throws EscrowException {
    EscrowTransaction transaction = open("t");
    transaction.send(message("debits"));
    brokers.fail(Codes.DECIDE_TRANSACTION, Kind.OUTCOME_UNKNOWN);
    assertThatExceptionOfType(EscrowException.class)
        .isThrownBy(transaction::commit)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN));
    brokers.recover();

    assertThatIllegalStateException().isThrownBy(transaction::rollback);
    assertThatIllegalStateException().isThrownBy(() -> transaction.send(message("debits")));
    transaction.commit();
    assertThat(brokers.of(Codes.DECIDE_TRANSACTION))
        .extracting(call -> call.field("decision") + " " + call.field("messages"))
        .containsExactly("COMMIT 0-0", "COMMIT 0-0");
  }

  @Test
  void anEmptyTransactionAsksNobody() throws EscrowException {
    open("t").commit();
    open("t").rollback();
    assertThat(brokers.calls).isEmpty();
  }

  private EscrowTransaction open(String key) {
    return new EscrowTransaction(brokers, "g", key);
  }

  private static Message message(String topic) {
    return new Message(topic, "body".getBytes(UTF_8));
  }

  /** The broker of a key, of a and b. */
  private static String homeOf(String key) {
    return Math.floorMod(key.hashCode(), 2) == 0 ? "a" : "b";
  }

  /** An ordering key whose queue is on the broker. */
  private static String keyOf(String broker) {
    for (int i = 0; ; i++) {
      String key = "account-" + i;
      if (Math.abs(key.hashCode() % 8) < 4 == broker.equals("a")) {
        return key;
      }
    }
  }
}
