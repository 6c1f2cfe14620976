package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Heartbeat.ConsumeFrom;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OffsetsTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);

  private final BrokerFixture fixture = BrokerFixture.withDefaults();

  @BeforeEach
  void createTopic() {
    fixture.topic("orders", 1);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void hasWrittenAnOffsetWhenTheCallReturns() {
    fixture.broker.offsets().commit("g", QUEUE, 5);
    assertThat(rows()).isEqualTo(1);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(5);
    fixture.broker.offsets().commit("g", QUEUE, 3);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(3);
  }

  @Test
  void collectsOffsetsThatComeWithPulls() {
    pullWithOffset(0);
    assertThat(fixture.broker.offsets().committed("readers", QUEUE, false)).hasValue(0);
    assertThat(rows()).isZero();
    pullWithOffset(7);
    pullWithOffset(-1);
    fixture.pass(Duration.ofMillis(100));
    assertThat(rows()).isEqualTo(1);
    assertThat(fixture.broker.offsets().committed("readers", QUEUE, false)).hasValue(7);
  }

  private void pullWithOffset(long offset) {
    PullRequest plain = BrokerFixture.pull(new FakeConnection("c"), QUEUE, 0, 0);
    BrokerFixture.get(
            fixture.pull(
                new PullRequest(
                    plain.connection(),
                    "",
                    "readers",
                    QUEUE,
                    0,
                    32,
                    Integer.MAX_VALUE,
                    OptionalLong.of(offset),
                    0,
                    plain.subscription(),
                    0)))
        .close();
  }

  @Test
  void keepsOffsetsOverARestart() {
    fixture.broker.offsets().commit("g", QUEUE, 5);
    fixture.restart();
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(5);
  }

  @Test
  void keepsOffsetsInMemoryWhileTheStoreRefuses() {
    fixture.storage.failWith(new StorageException.Full("no space"));
    assertThat(BrokerFixture.codeOf(() -> fixture.broker.offsets().commit("g", QUEUE, 6)))
        .isEqualTo(ErrorCode.STORE_FULL);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(6);
    fixture.pass(Duration.ofSeconds(1));
    fixture.storage.failWith(null);
    fixture.pass(Duration.ofSeconds(1));
    assertThat(rows()).isEqualTo(1);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(6);
    assertThat(fixture.broker.statistics()).containsEntry("background-errors-total", 1L);
  }

  @Test
  void writesManyOffsetsTogether() {
    fixture.topic("wide", 2_500);
    for (int queue = 0; queue < 2_500; queue++) {
      fixture.broker.offsets().commit("g", new QueueId("wide", queue), queue);
    }
    fixture.pass(Duration.ofMillis(100));
    fixture.restart();
    assertThat(fixture.broker.offsets().committed("g", new QueueId("wide", 2_499), false))
        .hasValue(2_499);
  }

  @Test
  void startsNewGroupsOfYoungQueuesAtTheBeginning() {
    assertThat(fixture.broker.offsets().committed("g", QUEUE, true)).hasValue(0);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).isEmpty();
    fixture.send("orders", "a");
    assertThat(fixture.broker.offsets().committed("g", QUEUE, true)).hasValue(0);
    trim(1);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, true)).isEmpty();
  }

  @Test
  void fixesTheStartOfNewGroupsOnOldQueues() {
    fixture.send("orders", "a");
    fixture.send("orders", "b");
    trim(1);
    FakeConnection connection = new FakeConnection("c");
    beat(connection, "last", ConsumeFrom.LAST_OFFSET);
    beat(connection, "first", ConsumeFrom.FIRST_OFFSET);
    fixture.send("orders", "c");
    assertThat(fixture.broker.offsets().committed("last", QUEUE, true)).hasValue(2);
    assertThat(fixture.broker.offsets().committed("first", QUEUE, true)).isEmpty();
    fixture.restart();
    beat(connection, "last", ConsumeFrom.LAST_OFFSET);
    assertThat(fixture.broker.offsets().committed("last", QUEUE, true)).hasValue(2);
  }

  @Test
  void refusesImpossibleOffsets() {
    assertThat(BrokerFixture.codeOf(() -> fixture.broker.offsets().commit("g", QUEUE, -1)))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(BrokerFixture.codeOf(() -> fixture.broker.offsets().commit("a b", QUEUE, 1)))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(
            BrokerFixture.codeOf(
                () -> fixture.broker.offsets().commit("g", new QueueId("nowhere", 0), 1)))
        .isEqualTo(ErrorCode.TOPIC_NOT_FOUND);
  }

  @Test
  void findsOffsetsByTime() {
    long startMs = fixture.time.nowMs();
    for (int i = 0; i < 3; i++) {
      fixture.send("orders", "m" + i);
      fixture.pass(Duration.ofSeconds(10));
    }
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, startMs + 10_000, false)).isEqualTo(1);
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, startMs + 10_001, false)).isEqualTo(2);
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, startMs + 10_000, true)).isEqualTo(1);
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, startMs + 19_999, true)).isEqualTo(1);
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, startMs + 90_000, true)).isEqualTo(2);
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, startMs + 90_000, false)).isEqualTo(3);
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, 0, true)).isZero();
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, 0, false)).isZero();
    assertThat(fixture.broker.offsets().offsetAt(QUEUE, Long.MAX_VALUE, true)).isEqualTo(3);
  }

  @Test
  void tellsBoundsAndTheEarliestTime() {
    assertThat(fixture.broker.offsets().bounds(QUEUE)).isEqualTo(QueueBounds.EMPTY);
    assertThat(storedAtMs(0)).isEmpty();
    long startMs = fixture.time.nowMs();
    fixture.send("orders", "a");
    fixture.pass(Duration.ofSeconds(1));
    fixture.send("orders", "b");
    assertThat(storedAtMs(0)).containsExactly(startMs);
    trim(1);
    assertThat(storedAtMs(0)).isEmpty();
    assertThat(storedAtMs(1)).containsExactly(startMs + 1000);
    assertThat(fixture.broker.offsets().bounds(QUEUE)).isEqualTo(new QueueBounds(1, 2));
  }

  private List<Long> storedAtMs(long offset) {
    return fixture.broker.offsets().look(QUEUE, offset, 1).stream()
        .map(Message::storeTimeMs)
        .toList();
  }

  @Test
  void findsMessagesByAddressKeyAndId() {
    long position =
        fixture
            .send(Requests.to("orders").body("wanted").property("KEYS", "k1 k2").key("ID"))
            .positions()
            .getFirst();
    fixture.send(Requests.to("orders").body("other").property("KEYS", "k3"));
    Optional<Message> at = fixture.broker.offsets().at(position);
    assertThat(at).map(SampleMessages::textOf).contains("wanted");
    assertThat(fixture.broker.offsets().at(-1)).isEmpty();
    assertThat(find(MessageIndex.Field.KEY, "k2")).isEqualTo(1);
    assertThat(find(MessageIndex.Field.UNIQUE_ID, "ID")).isEqualTo(1);
    assertThat(find(MessageIndex.Field.KEY, "ID")).isZero();
  }

  private int find(MessageIndex.Field field, String value) {
    MessageIndex.Answer answer =
        fixture
            .broker
            .offsets()
            .find(
                new MessageIndex.Query(
                    "orders", field, value, 0, Long.MAX_VALUE, 100_000, Optional.empty()));
    return answer.messages().size();
  }

  private void beat(FakeConnection connection, String group, ConsumeFrom from) {
    fixture
        .broker
        .groups()
        .heartbeat(connection, BrokerFixture.consumer("id", group, from, "orders", "*"));
  }

  private void trim(long min) {
    BrokerFixture.get(fixture.storage.write(WriteBatch.of(new Mutation.Trim(QUEUE, min))));
  }

  private int rows() {
    return TableScan.all(fixture.storage.tables(), OffsetTable.TABLE).size();
  }
}
