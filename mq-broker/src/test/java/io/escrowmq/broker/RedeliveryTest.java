package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RedeliveryTest {

  private final BrokerFixture fixture = BrokerFixture.withDefaults();

  @BeforeEach
  void prepare() {
    fixture.topic("orders", 1);
    fixture
        .broker
        .groups()
        .heartbeat(new FakeConnection("c"), BrokerFixture.consumer("id", "g", "orders", "*"));
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void triesAgainLaterAndLater() {
    fixture.send(Requests.to("orders").body("m").key("KEY").property("TAGS", "t"));
    Message message = fixture.messages("orders", 0).getFirst();
    String originId = OffsetIds.of(message.storeHost(), message.position());
    long[] delaysSeconds = {10, 30, 60, 120};
    for (int attempt = 1; attempt <= delaysSeconds.length; attempt++) {
      sendBack(message, 0, OptionalInt.empty());
      fixture.pass(Duration.ofSeconds(delaysSeconds[attempt - 1]).minusMillis(1));
      assertThat(fixture.messages("%RETRY%g", 0)).hasSize(attempt - 1);
      fixture.pass(Duration.ofMillis(1));
      message = fixture.messages("%RETRY%g", 0).getLast();
      assertThat(message.reconsumeTimes()).isEqualTo(attempt);
      assertThat(SampleMessages.textOf(message)).isEqualTo("m");
      assertThat(message.uniqueKey()).contains("KEY");
      assertThat(message.tags()).contains("t");
      assertThat(message.property("RETRY_TOPIC")).contains("orders");
      assertThat(message.property("ORIGIN_MESSAGE_ID")).contains(originId);
      assertThat(message.property("DELAY")).contains("" + (attempt + 2));
    }
    assertThat(fixture.broker.statistics()).containsEntry("retried-messages-total", 4L);
  }

  @Test
  void waitsLongerEachTimeWhereTheGroupWantsThat() {
    policy(new RetryPolicy.Exponential(2_000, 7_000, 2));
    expectDelays(List.of(2_000L, 4_000L, 7_000L, 7_000L));
  }

  @Test
  void waitsAsTheGroupListsFromTheThirdEntryOn() {
    policy(new RetryPolicy.Customized(List.of(1L, 2L, 30_000L, 40_000L)));
    fixture.restart();
    expectDelays(List.of(30_000L, 40_000L, 40_000L));
    policy(new RetryPolicy.Customized(List.of(500L)));
    fixture.send("orders", "another");
    sendBack(fixture.messages("orders", 0).getLast(), 0, OptionalInt.empty());
    int before = fixture.messages("%RETRY%g", 0).size();
    fixture.pass(Duration.ofMillis(500));
    assertThat(fixture.messages("%RETRY%g", 0)).hasSize(before + 1);
  }

  @Test
  void theConsumersLevelCountsMoreThanTheGroupsPolicy() {
    policy(new RetryPolicy.Exponential(3_600_000, 3_600_000, 1));
    fixture.send("orders", "m");
    sendBack(fixture.messages("orders", 0).getFirst(), 1, OptionalInt.empty());
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.messages("%RETRY%g", 0)).hasSize(1);
  }

  @Test
  void policiesThatMeanNothingAreRefused() {
    for (RetryPolicy policy :
        List.of(
            new RetryPolicy.Exponential(0, 10, 2),
            new RetryPolicy.Exponential(20, 10, 2),
            new RetryPolicy.Exponential(1, 10, 0),
            new RetryPolicy.Exponential(1, Long.MAX_VALUE, 2),
            new RetryPolicy.Customized(List.of()),
            new RetryPolicy.Customized(List.of(1L, -1L)))) {
      assertThat(BrokerFixture.codeOf(() -> policy(policy)))
          .describedAs("%s", policy)
          .isEqualTo(ErrorCode.INVALID_PARAMETER);
    }
  }

  private void policy(RetryPolicy policy) {
    fixture
        .broker
        .operations()
        .groups()
        .createOrUpdate(
            new GroupConfig("g", true, true, false, true, 1, 16, Map.of(), Map.of(), policy));
  }

  private void expectDelays(List<Long> delaysMs) {
    fixture.send("orders", "m");
    Message message = fixture.messages("orders", 0).getFirst();
    for (int attempt = 1; attempt <= delaysMs.size(); attempt++) {
      sendBack(message, 0, OptionalInt.empty());
      fixture.pass(Duration.ofMillis(delaysMs.get(attempt - 1) - 1));
      assertThat(fixture.messages("%RETRY%g", 0)).hasSize(attempt - 1);
      fixture.pass(Duration.ofMillis(1));
      assertThat(fixture.messages("%RETRY%g", 0)).hasSize(attempt);
      message = fixture.messages("%RETRY%g", 0).getLast();
      assertThat(message.property("DELAY")).isEmpty();
    }
  }

  @Test
  void usesTheLevelThatTheConsumerWants() {
    fixture.send("orders", "m");
    sendBack(fixture.messages("orders", 0).getFirst(), 1, OptionalInt.empty());
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.messages("%RETRY%g", 0)).hasSize(1);
  }

  @Test
  void givesUpAfterTheLastAttempt() {
    fixture.send(Requests.to("orders").body("poison").key("KEY"));
    Message first = fixture.messages("orders", 0).getFirst();
    sendBack(first, 1, OptionalInt.of(1));
    fixture.pass(Duration.ofSeconds(1));
    Message second = fixture.messages("%RETRY%g", 0).getFirst();
    sendBack(second, 1, OptionalInt.of(1));
    Message dead = fixture.messages("%DLQ%g", 0).getFirst();
    assertThat(SampleMessages.textOf(dead)).isEqualTo("poison");
    assertThat(dead.uniqueKey()).contains("KEY");
    assertThat(dead.property("DLQ_ORIGIN_TOPIC")).contains("orders");
    assertThat(dead.property("DLQ_ORIGIN_MESSAGE_ID"))
        .contains(OffsetIds.of(first.storeHost(), first.position()));
    assertThat(dead.property("DELAY")).isEmpty();
    assertThat(fixture.broker.topics().route("%DLQ%g").orElseThrow().readable()).isTrue();
    assertThat(fixture.broker.statistics()).containsEntry("dead-letter-messages-total", 1L);
  }

  @Test
  void givesUpAtOnceWhenTheConsumerSaysSo() {
    fixture.send("orders", "poison");
    sendBack(fixture.messages("orders", 0).getFirst(), -1, OptionalInt.empty());
    assertThat(fixture.bodies("%DLQ%g", 0)).containsExactly("poison");
  }

  @Test
  void givesUpAfterSixteenAttemptsByDefault() {
    fixture.send("orders", "poison");
    Message message = fixture.messages("orders", 0).getFirst();
    for (int attempt = 0; attempt < 16; attempt++) {
      sendBack(message, 1, OptionalInt.empty());
      fixture.pass(Duration.ofSeconds(1));
      message = fixture.messages("%RETRY%g", 0).getLast();
    }
    sendBack(message, 1, OptionalInt.empty());
    assertThat(fixture.messages("%RETRY%g", 0)).hasSize(16);
    assertThat(fixture.bodies("%DLQ%g", 0)).containsExactly("poison");
  }

  @Test
  void saysWhenTheMessageIsGone() {
    assertThat(code(new SendBackRequest("g", 987_654_321, "", 0, OptionalInt.empty())))
        .isEqualTo(ErrorCode.MESSAGE_NOT_FOUND);
  }

  @Test
  void neverTakesAnotherMessageForTheOneThatIsMeant() {
    fixture.send(Requests.to("orders").body("m").key("KEY"));
    Message message = fixture.messages("orders", 0).getFirst();
    assertThat(code(new SendBackRequest("g", message.position(), "OTHER", 1, OptionalInt.empty())))
        .isEqualTo(ErrorCode.MESSAGE_NOT_FOUND);
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.broker.topics().route("%RETRY%g").isPresent()).isTrue();
    assertThat(fixture.messages("%RETRY%g", 0)).isEmpty();
    String offsetId = OffsetIds.of(message.storeHost(), message.position());
    for (String id : List.of("", "KEY", offsetId)) {
      BrokerFixture.get(
          fixture
              .broker
              .sending()
              .sendBack(new SendBackRequest("g", message.position(), id, 1, OptionalInt.empty())));
    }
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.bodies("%RETRY%g", 0)).containsExactly("m", "m", "m");
  }

  @Test
  void saysWhenTheGroupIsUnknown() {
    fixture.send("orders", "m");
    long position = fixture.messages("orders", 0).getFirst().position();
    assertThat(code(new SendBackRequest("stranger", position, "", 0, OptionalInt.empty())))
        .isEqualTo(ErrorCode.GROUP_NOT_FOUND);
    assertThat(code(new SendBackRequest("a b", position, "", 0, OptionalInt.empty())))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void takesRetriesThatConsumersSendThemselves() {
    fixture.send(
        Requests.to("%RETRY%g")
            .body("m")
            .property("RETRY_TOPIC", "orders")
            .property("DELAY", "1")
            .reconsumed(2, 3));
    fixture.pass(Duration.ofSeconds(1));
    Message retried = fixture.messages("%RETRY%g", 0).getFirst();
    assertThat(retried.reconsumeTimes()).isEqualTo(2);
    assertThat(
            BrokerFixture.codeOf(
                () -> fixture.send(Requests.to("%RETRY%stranger").reconsumed(1, 3))))
        .isEqualTo(ErrorCode.GROUP_NOT_FOUND);
  }

  @Test
  void turnsTheLastAttemptOfAnOrderlyConsumerIntoADeadLetter() {
    fixture.send(
        Requests.to("%RETRY%g")
            .body("poison")
            .property("RETRY_TOPIC", "orders")
            .property("ORIGIN_MESSAGE_ID", "0A")
            .property("DELAY", "3")
            .property("TRAN_MSG", "true")
            .reconsumed(3, 3));
    Message dead = fixture.messages("%DLQ%g", 0).getFirst();
    assertThat(dead.property("DLQ_ORIGIN_TOPIC")).contains("orders");
    assertThat(dead.property("DLQ_ORIGIN_MESSAGE_ID")).contains("0A");
    assertThat(dead.reconsumeTimes()).isEqualTo(3);
    assertThat(fixture.messages("%RETRY%g", 0)).isEmpty();
  }

  private void sendBack(Message message, int level, OptionalInt max) {
    BrokerFixture.get(
        fixture
            .broker
            .sending()
            .sendBack(
                new SendBackRequest(
                    "g", message.position(), message.uniqueKey().orElse(""), level, max)));
  }

  private ErrorCode code(SendBackRequest request) {
    return BrokerFixture.codeOf(
        () -> BrokerFixture.get(fixture.broker.sending().sendBack(request)));
  }
}
