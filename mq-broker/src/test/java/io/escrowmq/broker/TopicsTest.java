package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TopicsTest {

  private final BrokerFixture fixture = BrokerFixture.withDefaults();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void keepsTopicsOverARestart() {
    TopicConfig topic =
        new TopicConfig("orders", 3, 2, 6, 5, true, Map.of("message.type", "FIFO", "a", "ä"));
    fixture.broker.topics().createOrUpdate(topic);
    fixture.broker.topics().createOrUpdate(TopicConfig.of("another", 1));
    fixture.restart();
    assertThat(fixture.broker.topics().route("orders")).contains(topic);
    assertThat(fixture.broker.topics().list())
        .extracting(TopicConfig::name)
        .containsExactly("EMQ_SYS_TX_AUDIT", "another", "orders");
  }

  @Test
  void changesATopic() {
    fixture.topic("orders", 2);
    fixture.topic("orders", 5);
    assertThat(fixture.broker.topics().route("orders")).contains(TopicConfig.of("orders", 5));
  }

  @Test
  void routesNamesThatAreNotTopics() {
    assertThat(fixture.broker.topics().route("TBW102"))
        .contains(new TopicConfig("TBW102", 8, 8, 7, 0, false, Map.of()));
    for (String name :
        List.of(
            "DefaultCluster",
            "escrowmq",
            "DefaultCluster_REPLY_TOPIC",
            "SELF_TEST_TOPIC",
            "RMQ_SYS_TRACE_TOPIC")) {
      assertThat(fixture.broker.topics().route(name)).as(name).isPresent();
    }
    assertThat(fixture.broker.topics().route("unknown")).isEmpty();
    assertThat(fixture.broker.topics().route("%RETRY%not-yet-known")).isPresent();
    assertThat(fixture.broker.topics().route("EMQ_SYS_TX_AUDIT").orElseThrow().writable())
        .isFalse();
  }

  @Test
  void routesTheRetryTopicAsSoonAsTheGroupIsKnown() {
    fixture
        .broker
        .groups()
        .heartbeat(new FakeConnection("c"), BrokerFixture.consumer("id", "g", "not-yet", "*"));
    assertThat(fixture.broker.topics().route("%RETRY%g")).contains(TopicConfig.of("%RETRY%g", 1));
    fixture.restart();
    assertThat(fixture.broker.topics().route("%RETRY%g")).isPresent();
  }

  @Test
  void refusesIllegalTopics() {
    assertThat(codeOf(TopicConfig.of("a b", 1))).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(TopicConfig.of("TBW102", 1))).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(TopicConfig.of("escrowmq", 1))).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(TopicConfig.of("EMQ_SYS_TX_AUDIT", 1)))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(TopicConfig.of("orders", 0))).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(TopicConfig.of("orders", 5000))).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(new TopicConfig("orders", 1, 1, 64, 0, false, Map.of())))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void forgetsADeletedTopicAndItsMessages() {
    fixture.topic("orders", 1);
    fixture.send("orders", "old");
    fixture.broker.topics().delete("orders");
    fixture.broker.topics().delete("orders");
    assertThat(fixture.broker.topics().route("orders")).isEmpty();
    fixture.restart();
    assertThat(fixture.broker.topics().route("orders")).isEmpty();
    fixture.topic("orders", 1);
    fixture.send("orders", "new");
    assertThat(fixture.broker.offsets().bounds(new QueueId("orders", 0)))
        .isEqualTo(new QueueBounds(1, 2));
    assertThat(BrokerFixture.codeOf(() -> fixture.broker.topics().delete("EMQ_SYS_TX_AUDIT")))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void createsATopicOnceForManySends() {
    fixture.storage.hold();
    List<CompletionStage<SendReceipt>> sends = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sends.add(fixture.broker.sending().send(Requests.to("fresh").body("m" + i).build()));
    }
    fixture.storage.goOn();
    sends.forEach(BrokerFixture::get);
    assertThat(fixture.bodies("fresh", 0))
        .containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
  }

  private ErrorCode codeOf(TopicConfig topic) {
    return BrokerFixture.codeOf(() -> fixture.broker.topics().createOrUpdate(topic));
  }
}
