package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SendTest {

  private BrokerFixture fixture = BrokerFixture.withDefaults();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void storesWhatWasSentAndAddsItsOwnProperties() {
    fixture.topic("orders", 4);

    SendReceipt receipt =
        fixture.send(
            Requests.to("orders")
                .queue(2)
                .body("hello")
                .systemFlag(MessageFormat.FLAG_COMPRESSED)
                .property("TAGS", "a")
                .property("mine", "kept")
                .key("K1"));

    assertThat(receipt.queue()).isEqualTo(2);
    assertThat(receipt.queueOffset()).isZero();
    assertThat(receipt.uniqueKey()).isEqualTo("K1");
    assertThat(receipt.recallHandle()).isEmpty();
    Message stored = fixture.messages("orders", 2).getFirst();
    assertThat(stored.position()).isEqualTo(receipt.positions().getFirst());
    assertThat(SampleMessages.textOf(stored)).isEqualTo("hello");
    assertThat(stored.flag()).isEqualTo(7);
    assertThat(stored.systemFlag()).isEqualTo(MessageFormat.FLAG_COMPRESSED);
    assertThat(stored.bornTimeMs()).isEqualTo(Requests.BORN_MS);
    assertThat(stored.bornHost()).isEqualTo(Requests.PRODUCER_HOST);
    assertThat(stored.storeHost()).isEqualTo(BrokerFixture.ADDRESS);
    assertThat(stored.storeTimeMs()).isEqualTo(fixture.time.nowMs());
    assertThat(stored.propertiesText()).startsWith("TAGS\u0001a\u0002mine\u0001kept\u0002UNIQ_KEY");
    assertThat(MessageProperties.parse(stored.propertiesText()))
        .isEqualTo(
            Map.of(
                "TAGS", "a",
                "mine", "kept",
                "UNIQ_KEY", "K1",
                "CLUSTER", "DefaultCluster",
                "MSG_REGION", "DefaultRegion",
                "TRACE_ON", "true"));
  }

  @Test
  void givesAUniqueKeyToMessagesWithoutOne() {
    fixture.topic("orders", 1);
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      keys.add(fixture.send("orders", "m" + i).uniqueKey());
    }
    assertThat(keys).hasSize(1_000).allMatch(key -> key.matches("[0-9A-F]{32}"));
    assertThat(fixture.messages("orders", 0)).allMatch(it -> keys.contains(it.uniqueKey().get()));
  }

  @Test
  void stripsThePopCheckpointAndReplacesTheServersProperties() {
    fixture.topic("orders", 1);
    fixture.send(
        Requests.to("orders")
            .property("POP_CK", "1 2 3")
            .property("CLUSTER", "other")
            .property("a", "b")
            .property("MSG_REGION", "elsewhere")
            .property("TRACE_ON", "false"));
    String text = fixture.messages("orders", 0).getFirst().propertiesText();
    assertThat(text).doesNotContain("POP_CK").doesNotContain("other").startsWith("a\u0001b\u0002");
    assertThat(MessageProperties.parse(text))
        .containsEntry("CLUSTER", "DefaultCluster")
        .containsEntry("MSG_REGION", "DefaultRegion")
        .containsEntry("TRACE_ON", "true");
  }

  @Test
  void removesTransactionBitsFromPlainMessages() {
    fixture.topic("orders", 1);
    fixture.send(Requests.to("orders").systemFlag(MessageFormat.FLAG_TRANSACTION_MASK));
    assertThat(fixture.messages("orders", 0).getFirst().systemFlag()).isZero();
  }

  @Test
  void choosesAQueueWhenTheClientDoesNot() {
    fixture.topic("orders", 4);
    Set<Integer> queues = new HashSet<>();
    for (int i = 0; i < 16; i++) {
      queues.add(fixture.send(Requests.to("orders").queue(-1)).queue());
    }
    assertThat(queues).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void createsATopicOnFirstUseLikeItsTemplate() {
    SendReceipt receipt = fixture.send(Requests.to("fresh").queue(3).body("first"));
    assertThat(receipt.queue()).isEqualTo(3);
    assertThat(fixture.broker.topics().route("fresh")).contains(TopicConfig.of("fresh", 4));
    assertThat(fixture.bodies("fresh", 3)).containsExactly("first");
  }

  @Test
  void createsATopicLikeAnotherOneOnlyIfThatMayBeInherited() {
    fixture.topic("closed", 2);
    fixture
        .broker
        .topics()
        .createOrUpdate(
            new TopicConfig(
                "open",
                2,
                2,
                TopicConfig.READ | TopicConfig.WRITE | TopicConfig.INHERIT,
                0,
                false,
                Map.of()));
    fixture.send(Requests.to("fresh").template("open"));
    assertThat(fixture.broker.topics().route("fresh")).contains(TopicConfig.of("fresh", 2));
    assertRefused(Requests.to("other").template("closed"), ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void refusesUnknownTopicsWithoutAutoCreation() {
    fixture.close();
    fixture =
        BrokerFixture.start(
            BrokerSettings.DEFAULT.withTopics(BrokerSettings.Topics.DEFAULT.withAutoCreate(false)));
    assertRefused(Requests.to("unknown"), ErrorCode.TOPIC_NOT_FOUND);
    assertThat(fixture.broker.topics().route("TBW102")).isEmpty();
    fixture.send(Requests.to("RMQ_SYS_TRACE_TOPIC").body("traces go on"));
    assertThat(fixture.bodies("RMQ_SYS_TRACE_TOPIC", 0)).hasSize(1);
  }

  @Test
  void refusesBadNames() {
    assertRefused(Requests.to("a b"), ErrorCode.INVALID_PARAMETER);
    assertRefused(Requests.to(""), ErrorCode.INVALID_PARAMETER);
    assertRefused(Requests.to("x".repeat(128)), ErrorCode.INVALID_PARAMETER);
    fixture.send(Requests.to("x".repeat(127)));
  }

  @Test
  void refusesSystemTopics() {
    for (String name :
        List.of(
            "TBW102",
            "SELF_TEST_TOPIC",
            "SCHEDULE_TOPIC_XXXX",
            "RMQ_SYS_TRANS_HALF_TOPIC",
            "TRANS_CHECK_MAX_TIME_TOPIC",
            "DefaultCluster",
            "DefaultCluster_REPLY_TOPIC")) {
      assertRefused(Requests.to(name), ErrorCode.MESSAGE_ILLEGAL);
    }
    assertRefused(Requests.to("EMQ_SYS_TX_AUDIT"), ErrorCode.NO_PERMISSION);
  }

  @Test
  void refusesWhatTheTopicDoesNotAllow() {
    fixture
        .broker
        .topics()
        .createOrUpdate(new TopicConfig("shut", 1, 1, TopicConfig.READ, 0, false, Map.of()));
    assertRefused(Requests.to("shut"), ErrorCode.NO_PERMISSION);
    fixture
        .broker
        .topics()
        .createOrUpdate(
            new TopicConfig(
                "uneven", 4, 2, TopicConfig.READ | TopicConfig.WRITE, 0, false, Map.of()));
    fixture.send(Requests.to("uneven").queue(3));
    assertRefused(Requests.to("uneven").queue(4), ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void refusesWhatIsTooLarge() {
    fixture.topic("orders", 1);
    fixture.send(Requests.to("orders").body("x".repeat(4 * 1024 * 1024)));
    assertRefused(
        Requests.to("orders").body("x".repeat(4 * 1024 * 1024 + 1)), ErrorCode.MESSAGE_ILLEGAL);
    assertRefused(
        Requests.to("orders").property("p", "x".repeat(32767)), ErrorCode.MESSAGE_ILLEGAL);
    assertRefused(
        Requests.to("orders").property("p", "ä".repeat(17_000)), ErrorCode.MESSAGE_ILLEGAL);
    assertRefused(
        Requests.to("created-too-early").body("x".repeat(4 * 1024 * 1024 + 1)),
        ErrorCode.MESSAGE_ILLEGAL);
    assertThat(fixture.broker.topics().route("created-too-early")).isEmpty();
  }

  @Test
  void allowsForWhatCompressionAdds() {
    fixture.topic("orders", 1);
    String body = "x".repeat(4 * 1024 * 1024 + 16_000);
    assertRefused(Requests.to("orders").body(body), ErrorCode.MESSAGE_ILLEGAL);
    fixture.send(Requests.to("orders").body(body).systemFlag(MessageFormat.FLAG_COMPRESSED));
  }

  @Test
  void storesABatchAtConsecutiveOffsets() {
    SendReceipt receipt =
        BrokerFixture.get(
            fixture
                .broker
                .sending()
                .sendBatch(Requests.to("orders").queue(1).batchOf("a", "b", "c")));
    assertThat(receipt.queueOffset()).isZero();
    assertThat(receipt.positions()).hasSize(3).doesNotHaveDuplicates();
    assertThat(fixture.bodies("orders", 1)).containsExactly("a", "b", "c");
    List<Message> stored = fixture.messages("orders", 1);
    assertThat(stored).extracting(Message::flag).containsOnly(3);
    assertThat(stored).extracting(it -> it.uniqueKey().orElseThrow()).doesNotHaveDuplicates();
    assertThat(stored.getFirst().uniqueKey()).contains(receipt.uniqueKey());
  }

  @Test
  void refusesBatchesThatCannotBeStoredTogether() {
    fixture.topic("orders", 1);
    assertBatchRefused(Requests.to("orders").property("DELAY", "3"));
    assertBatchRefused(Requests.to("orders").property("TRAN_MSG", "true"));
    assertBatchRefused(Requests.to("%RETRY%g"));
    assertThat(
            BrokerFixture.codeOf(() ->
                BrokerFixture.get(
                    fixture.broker.sending().sendBatch(Requests.to("orders").batchOf()))))
        .isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
    String large = "x".repeat(3 * 1024 * 1024);
    assertThat(
            BrokerFixture.codeOf(() ->
                BrokerFixture.get(
                    fixture
                        .broker
                        .sending()
                        .sendBatch(Requests.to("orders").batchOf(large, large)))))
        .isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
    assertThat(fixture.messages("orders", 0)).isEmpty();
  }

  @Test
  void refusesMoreThanMayBeInFlightAndNeverWaits() {
    fixture.close();
    fixture =
        BrokerFixture.start(
            BrokerSettings.DEFAULT.withLimits(
                BrokerSettings.Limits.DEFAULT.withMaxInFlightBytes(1_000)));
    fixture.topic("orders", 1);
    fixture.storage.hold();
    CompletionStage<SendReceipt> first =
        fixture.broker.sending().send(Requests.to("orders").body("x".repeat(600)).build());
    assertRefused(Requests.to("orders").body("x".repeat(600)), ErrorCode.OVERLOADED);
    assertThat(first.toCompletableFuture()).isNotDone();
    fixture.storage.goOn();
    assertThat(BrokerFixture.get(first).queueOffset()).isZero();
    fixture.send(Requests.to("orders").body("x".repeat(5_000)));
    assertThat(fixture.broker.statistics())
        .containsEntry("overloaded-refusals-total", 1L)
        .containsEntry("in-flight-bytes", 0L)
        .containsEntry("sent-messages-total", 2L);
  }

  @Test
  void saysWhyTheStoreRefused() {
    fixture.topic("orders", 1);
    fixture.storage.failWith(new StorageException.Full("no space left on the device"));
    assertRefused(Requests.to("orders"), ErrorCode.STORE_FULL);
    fixture.storage.failWith(
        new StorageException.Unavailable(
            StorageException.Kind.FATAL, "fdatasync failed", "Restart the server."));
    assertRefused(Requests.to("orders"), ErrorCode.STORE_UNAVAILABLE);
    assertRefused(Requests.to("not-there-yet"), ErrorCode.STORE_UNAVAILABLE);
    fixture.storage.failWith(new StorageException.Overloaded("ring full", Duration.ofMillis(5)));
    assertRefused(Requests.to("orders"), ErrorCode.OVERLOADED);
    fixture.storage.failWith(null);
    fixture.send("orders", "back again");
    fixture.send("not-there-yet", "created now");
    assertThat(fixture.broker.statistics()).containsEntry("in-flight-bytes", 0L);
  }

  private void assertRefused(Requests request, ErrorCode code) {
    assertThat(BrokerFixture.codeOf(() -> fixture.send(request))).isEqualTo(code);
  }

  private void assertBatchRefused(Requests request) {
    assertThat(
            BrokerFixture.codeOf(
                () -> BrokerFixture.get(fixture.broker.sending().sendBatch(request.batchOf("a")))))
        .isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
  }
}
