package io.escrowmq.broker;

import static io.escrowmq.broker.BrokerFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.JointServices.Added;
import io.escrowmq.spi.protocol.JointServices.Ended;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.tx.JointTransactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions of several messages through the door. */
final class JointSendingTest {

  private final BrokerFixture fixture = BrokerFixture.withDefaults();

  @BeforeEach
  void createTopics() {
    fixture.topic("debits", 4);
    fixture.topic("credits", 1);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void limitsAndNamesAreThoseOfTheCoordinator() {
    assertThat(JointServices.MAX_MESSAGES).isEqualTo(JointTransactions.MAX_HOLDS);
    assertThat(JointServices.TOPIC).isEqualTo(JointTransactions.QUEUE.topic());
  }

  @Test
  void committedMessagesAreWhatConsumersExpect() {
    String id = open("k");
    add(id, 0, Requests.to("debits").queue(2).body("debit").property("TAGS", "t"));
    add(id, 1, Requests.to("credits").body("credit").key("U"));
    assertThat(fixture.messages("debits", 2)).isEmpty();

    Ended.Decided ended = (Ended.Decided) end(id, Decision.COMMIT, 0, 1);

    assertThat(ended.messages())
        .containsExactly(new JointServices.Placed(0, 0, 0), new JointServices.Placed(1, 0, 0));
    Message debit = fixture.messages("debits", 2).getFirst();
    assertThat(debit.tags()).contains("t");
    assertThat(debit.uniqueKey()).isPresent();
    assertThat(debit.systemFlag() & MessageFormat.FLAG_TRANSACTION_MASK)
        .isEqualTo(MessageFormat.FLAG_TRANSACTION_COMMIT);
    assertThat(fixture.messages("credits", 0).getFirst().uniqueKey()).contains("U");
  }

  @Test
  void aShardingKeyChoosesTheQueueAndADeliveryTimeIsKept() {
    String id = open("k");
    for (int i = 0; i < 5; i++) {
      Added added =
          add(id, i, Requests.to("debits").queue(-1).property("__SHARDINGKEY", "account-1"));
      assertThat(added.queue()).isEqualTo(Math.abs("account-1".hashCode() % 4));
    }
    add(id, 5, Requests.to("credits").body("later").property("TIMER_DELAY_SEC", "60"));
    end(id, Decision.COMMIT, 0, 1, 2, 3, 4, 5);
    assertThat(fixture.messages("debits", Math.abs("account-1".hashCode() % 4))).hasSize(5);
    assertThat(fixture.messages("credits", 0)).isEmpty();
    fixture.pass(Duration.ofSeconds(61));
    assertThat(fixture.bodies("credits", 0)).containsExactly("later");
  }

  @Test
  void transactionsSurviveARestart() {
    String id = open("k");
    add(id, 0, Requests.to("credits").body("before"));
    fixture.restart();
    add(id, 1, Requests.to("credits").body("after"));
    assertThat(get(joint().view(id, "producers")).messages())
        .extracting(JointServices.Held::sequence)
        .containsExactly(0, 1);
    fixture.restart();
    assertThat(end(id, Decision.COMMIT, 0, 1, 2)).isEqualTo(new Ended.Incomplete(List.of(2)));
    end(id, Decision.COMMIT, 0, 1);
    assertThat(fixture.bodies("credits", 0)).containsExactly("before", "after");
    assertThat(get(joint().view(id, "producers")).state()).isEqualTo("COMMITTED");
    assertThat(end(id, Decision.ROLLBACK)).isEqualTo(new Ended.Conflict(Decision.COMMIT));
    assertThat(end(id, Decision.COMMIT, 1)).isEqualTo(new Ended.OtherMessages(List.of(0, 1)));
    assertThat(((Ended.Decided) end(id, Decision.COMMIT, 0, 1)).repeated()).isTrue();
  }

  @Test
  void refusals() {
    String id = open("k");
    add(id, 0, Requests.to("credits").body("x"));
    assertRefused(id, 0, Requests.to("credits").body("y"), ErrorCode.ILLEGAL_OPERATION);
    assertRefused(id, 1024, Requests.to("credits"), ErrorCode.INVALID_PARAMETER);
    assertRefused(id, 1, Requests.to("credits").queue(7), ErrorCode.INVALID_PARAMETER);
    assertRefused(id, 1, Requests.to("%RETRY%g"), ErrorCode.INVALID_PARAMETER);
    assertRefused(id, 1, Requests.to(JointServices.TOPIC), ErrorCode.MESSAGE_ILLEGAL);
    assertRefused(
        id, 1, Requests.to("credits").property("TRAN_MSG", "true"), ErrorCode.INVALID_PARAMETER);
    assertRefused(id, 1, Requests.to("credits").group("others"), ErrorCode.NO_PERMISSION);
    assertRefused("zz", 1, Requests.to("credits"), ErrorCode.TRANSACTION_NOT_FOUND);
    assertRefused("0".repeat(32), 1, Requests.to("credits"), ErrorCode.TRANSACTION_NOT_FOUND);
    assertThat(BrokerFixture.codeOf(() -> open(""))).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(BrokerFixture.codeOf(() -> get(joint().view(id, "others"))))
        .isEqualTo(ErrorCode.NO_PERMISSION);
    assertThat(BrokerFixture.codeOf(() -> get(joint().view("0".repeat(32), "producers"))))
        .isEqualTo(ErrorCode.TRANSACTION_NOT_FOUND);
    assertThat(get(joint().end(request(id, Decision.UNKNOWN, Optional.empty()))))
        .isEqualTo(new Ended.StillOpen());
    end(id, Decision.ROLLBACK);
    assertRefused(id, 1, Requests.to("credits"), ErrorCode.TRANSACTION_DECIDED);
    assertThat(BrokerFixture.codeOf(() -> open("k"))).isEqualTo(ErrorCode.TRANSACTION_DECIDED);
    assertThat(fixture.messages("credits", 0)).isEmpty();
  }

  @Test
  void aTopicForTransactionsTakesOrderedAndDelayedOnes() {
    fixture
        .broker
        .topics()
        .createOrUpdate(
            new TopicConfig("tx", 1, 1, 6, 0, false, Map.of("message.type", "TRANSACTION")));
    String id = open("k");
    add(id, 0, Requests.to("tx").property("__SHARDINGKEY", "s"));
    add(id, 1, Requests.to("tx").property("TIMER_DELAY_SEC", "1"));
    assertThat(end(id, Decision.COMMIT, 0, 1)).isInstanceOf(Ended.Decided.class);
  }

  private JointServices joint() {
    return fixture.broker.sending().joint();
  }

  private String open(String key) {
    return get(joint()
            .open(new JointServices.OpenRequest("producers", key, "client", Optional.empty())))
        .transactionId();
  }

  private Added add(String id, int sequence, Requests message) {
    return get(joint().add(new JointServices.AddRequest(id, sequence, message.build())));
  }

  private Ended end(String id, Decision decision, Integer... named) {
    return get(joint().end(request(id, decision, Optional.of(new TreeSet<>(List.of(named))))));
  }

  private static JointServices.EndRequest request(
      String id, Decision decision, Optional<SortedSet<Integer>> named) {
    return new JointServices.EndRequest(id, "producers", "client", decision, named, false);
  }

  private void assertRefused(String id, int sequence, Requests message, ErrorCode code) {
    assertThat(BrokerFixture.codeOf(() -> add(id, sequence, message))).isEqualTo(code);
  }
}
