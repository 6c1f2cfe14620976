package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.TopicConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicAttributesTest {

  private BrokerFixture fixture = BrokerFixture.withDefaults();

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource({
    "NORMAL, NORMAL",
    "FIFO, FIFO NORMAL",
    "DELAY, DELAY",
    "TRANSACTION, TRANSACTION",
    "MIXED, NORMAL FIFO DELAY TRANSACTION",
    "UNSPECIFIED, NORMAL FIFO DELAY TRANSACTION",
    "LITE, NORMAL FIFO DELAY TRANSACTION"
  })
  void aTopicTakesItsKindOnly(String type, String taken) {
    topic("t", "message.type", type);
    for (String kind : List.of("NORMAL", "FIFO", "DELAY", "TRANSACTION")) {
      if (List.of(taken.split(" ")).contains(kind)) {
        fixture.send(ofKind(kind));
      } else {
        Assertions.assertThatExceptionOfType(BrokerException.class)
            .isThrownBy(() -> fixture.send(ofKind(kind)))
            .satisfies(refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
              assertThat(refused.describe()).contains("message.type", type, kind, "MIXED");
            });
      }
    }
  }

  @Test
  void aBatchIsCheckedAsAWhole() {
    topic("t", "message.type", "NORMAL");
    assertThat(sendBatch(ofKind("NORMAL").batchOf("a", "b"))).isNull();
    assertThat(sendBatch(ofKind("FIFO").batchOf("c", "d"))).isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
    assertThat(fixture.bodies("t", 0)).containsExactly("a", "b");
  }

  @Test
  void nothingIsCheckedWhereThatIsSwitchedOff() {
    fixture.close();
    fixture =
        BrokerFixture.start(
            BrokerSettings.DEFAULT.withTopics(
                BrokerSettings.DEFAULT.topics().withCheckMessageType(false)));
    topic("t", "message.type", "NORMAL");
    fixture.send(ofKind("FIFO"));
    assertThat(fixture.bodies("t", 0)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "message.type, normal",
    "message.type, ''",
    "reserve.time, 0",
    "reserve.time, -2",
    "reserve.time, soon",
    "reserve.time, 999999999"
  })
  void whatMeansNothingIsRefused(String name, String value) {
    assertThat(BrokerFixture.codeOf(() -> topic("t", name, value)))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(fixture.broker.topics().list()).extracting(TopicConfig::name).doesNotContain("t");
  }

  @Test
  void aTopicKeepsItsMessagesForItsOwnTime() {
    topic("short", "reserve.time", "2");
    fixture.topic("long", 1);
    fixture.send("short", "old");
    fixture.send("long", "old");
    fixture.pass(Duration.ofMinutes(119));
    fixture.send("short", "new");
    assertThat(fixture.bodies("short", 0)).containsExactly("old", "new");
    fixture.pass(Duration.ofMinutes(3));
    assertThat(fixture.bodies("short", 0)).containsExactly("new");
    assertThat(fixture.bodies("long", 0)).containsExactly("old");
    fixture.pass(Duration.ofHours(2));
    assertThat(fixture.bodies("short", 0)).isEmpty();
    fixture.send("short", "next");
    assertThat(fixture.messages("short", 0).getFirst().queueOffset()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1000"})
  void aLongTimeChangesNothing(String hours) {
    topic("t", "reserve.time", hours);
    fixture.send("t", "old");
    fixture.pass(Duration.ofHours(3));
    assertThat(fixture.bodies("t", 0)).containsExactly("old");
  }

  private @Nullable ErrorCode sendBatch(BatchSendRequest batch) {
    try {
      BrokerFixture.get(fixture.broker.sending().sendBatch(batch));
      return null;
    } catch (BrokerException e) {
      return e.code();
    }
  }

  private void topic(String name, String attribute, String value) {
    fixture
        .broker
        .topics()
        .createOrUpdate(
            new TopicConfig(
                name,
                1,
                1,
                TopicConfig.READ | TopicConfig.WRITE,
                0,
                false,
                Map.of(attribute, value)));
  }

  private static Requests ofKind(String kind) {
    Requests request = Requests.to("t").body("m");
    return switch (kind) {
      case "FIFO" -> request.property("__SHARDINGKEY", "k");
      case "DELAY" -> request.property("DELAY", "1");
      case "TRANSACTION" -> request.property("TRAN_MSG", "true");
      default -> request;
    };
  }
}
