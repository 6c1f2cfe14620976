package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DelayTest {

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
  void deliversByLevel() {
    SendReceipt receipt =
        fixture.send(Requests.to("orders").queue(1).body("later").property("DELAY", "3"));
    assertThat(receipt.queueOffset()).isZero();
    assertThat(receipt.queue()).isEqualTo(1);
    long heldAtMs = fixture.time.nowMs();
    fixture.pass(Duration.ofMillis(9_999));
    assertThat(fixture.bodies("orders", 1)).isEmpty();
    assertThat(fixture.broker.statistics()).containsEntry("delayed-pending", 1L);
    fixture.pass(Duration.ofMillis(1));
    Message delivered = fixture.messages("orders", 1).getFirst();
    assertThat(SampleMessages.textOf(delivered)).isEqualTo("later");
    assertThat(delivered.property("DELAY")).contains("3");
    assertThat(delivered.bornTimeMs()).isEqualTo(Requests.BORN_MS);
    assertThat(delivered.storeTimeMs()).isEqualTo(heldAtMs + 10_000);
    assertThat(fixture.broker.statistics())
        .containsEntry("delayed-pending", 0L)
        .containsEntry("delayed-released-total", 1L);
  }

  @Test
  void knowsAllEighteenLevelsAndClampsHigherOnes() {
    DelayLevels levels = new DelayLevels(BrokerSettings.Topics.DEFAULT.delayLevels());
    long[] seconds = {
      1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200
    };
    for (int level = 1; level <= seconds.length; level++) {
      assertThat(levels.delayMs(level)).isEqualTo(seconds[level - 1] * 1000);
    }
    assertThat(levels.delayMs(19)).isEqualTo(7_200_000);
    assertThat(levels.delayMs(0)).isZero();
    assertThat(levels.delayMs(-1)).isZero();
    assertThat(DelayLevels.parse("1d")).containsExactly(Duration.ofDays(1));
  }

  @Test
  void deliversByTimer() {
    long nowMs = fixture.time.nowMs();
    fixture.send(Requests.to("orders").body("sec").property("TIMER_DELAY_SEC", "2"));
    fixture.send(Requests.to("orders").body("ms").property("TIMER_DELAY_MS", "1500"));
    fixture.send(
        Requests.to("orders").body("at").property("TIMER_DELIVER_MS", "" + (nowMs + 1_000)));
    assertThat(fixture.bodies("orders", 0)).isEmpty();
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.bodies("orders", 0)).containsExactly("at");
    fixture.pass(Duration.ofMillis(500));
    assertThat(fixture.bodies("orders", 0)).containsExactly("at", "ms");
    fixture.pass(Duration.ofMillis(500));
    assertThat(fixture.bodies("orders", 0)).containsExactly("at", "ms", "sec");
  }

  @Test
  void deliversAtOnceWhatIsDueOrNotDelayed() {
    fixture.send(
        Requests.to("orders").body("past").property("TIMER_DELIVER_MS", "" + Requests.BORN_MS));
    fixture.send(Requests.to("orders").body("zero").property("DELAY", "0"));
    fixture.send(Requests.to("orders").body("negative").property("TIMER_DELAY_SEC", "-5"));
    assertThat(fixture.bodies("orders", 0)).containsExactly("past", "zero", "negative");
  }

  @Test
  void aLevelRulesOutTimers() {
    fixture.send(
        Requests.to("orders").body("m").property("DELAY", "1").property("TIMER_DELAY_SEC", "100"));
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.bodies("orders", 0)).containsExactly("m");
  }

  @Test
  void refusesImpossibleDelays() {
    assertRefused("TIMER_DELAY_SEC", "soon");
    assertRefused("DELAY", "x");
    assertRefused("TIMER_DELAY_SEC", "" + Duration.ofDays(366).toSeconds());
    assertRefused("TIMER_DELAY_SEC", "" + Long.MAX_VALUE);
    assertRefused("TIMER_DELIVER_MS", "" + Long.MAX_VALUE);
  }

  @Test
  void deliversAfterARestart() {
    fixture.send(Requests.to("orders").body("a").property("DELAY", "3"));
    fixture.send(Requests.to("orders").body("b").property("DELAY", "1"));
    fixture.broker.close();
    fixture.pass(Duration.ofSeconds(5));
    assertThat(fixture.bodies("orders", 0)).isEmpty();
    fixture.restart();
    fixture.pass(Duration.ZERO);
    assertThat(fixture.bodies("orders", 0)).containsExactly("b");
    fixture.pass(Duration.ofSeconds(5));
    assertThat(fixture.bodies("orders", 0)).containsExactly("b", "a");
  }

  @Test
  void deliversManyInOrderOfTheirTimes() {
    for (int i = 0; i < 5_000; i++) {
      long delayMs = 1 + (i * 7919L) % 20_000;
      fixture.send(
          Requests.to("orders").body("" + delayMs).property("TIMER_DELAY_MS", "" + delayMs));
    }
    fixture.pass(Duration.ofSeconds(20));
    assertThat(fixture.bodies("orders", 0))
        .hasSize(5_000)
        .isSortedAccordingTo((a, b) -> Long.compare(Long.parseLong(a), Long.parseLong(b)));
    assertThat(fixture.messages("orders", 0))
        .allMatch(it ->
            it.storeTimeMs()
                == ManualTimeSource.START_MS + Long.parseLong(SampleMessages.textOf(it)));
  }

  @Test
  void deliversMoreThanItKeepsInMemory() {
    int count = 30_000;
    for (int i = 0; i < count; i++) {
      fixture.send(Requests.to("orders").property("TIMER_DELAY_MS", "" + (1_000 + i % 3 * 1_000)));
    }
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.broker.offsets().bounds(new QueueId("orders", 0)).max())
        .isEqualTo(count / 3);
    fixture.pass(Duration.ofSeconds(2));
    assertThat(fixture.broker.offsets().bounds(new QueueId("orders", 0)).max()).isEqualTo(count);
    assertThat(fixture.broker.statistics()).containsEntry("delayed-released-total", (long) count);
  }

  @Test
  void findsHoldsThatNobodyToldItAbout() {
    QueueId queue = new QueueId("orders", 0);
    fixture.pass(Duration.ofSeconds(1));
    BrokerFixture.get(
        fixture.storage.write(
            WriteBatch.of(
                new Mutation.Hold(
                    Ids.ofDelayed("x", "y", 1, 0),
                    queue,
                    SampleMessages.message(queue, "silent"),
                    HoldKind.DELAY,
                    fixture.time.nowMs(),
                    Bytes.EMPTY))));
    fixture.pass(Duration.ofSeconds(70));
    assertThat(fixture.bodies("orders", 0)).containsExactly("silent");
  }

  @Test
  void triesAgainWhenTheStoreRefuses() {
    fixture.send(Requests.to("orders").body("m").property("DELAY", "1"));
    fixture.storage.failWith(new StorageException.Full("no space"));
    fixture.pass(Duration.ofSeconds(30));
    assertThat(fixture.bodies("orders", 0)).isEmpty();
    fixture.storage.failWith(null);
    fixture.pass(Duration.ofSeconds(10));
    assertThat(fixture.bodies("orders", 0)).containsExactly("m");
    assertThat(fixture.broker.statistics().get("background-errors-total")).isBetween(5L, 20L);
  }

  @Test
  void sleepsWhenNothingIsDue() {
    fixture.pass(Duration.ofMinutes(10));
    assertThat(fixture.scheduler.pending()).isLessThan(5);
  }

  @Test
  void recallsAMessageBeforeItsTime() {
    SendReceipt receipt =
        fixture.send(Requests.to("orders").body("m").key("KEY").property("TIMER_DELAY_SEC", "10"));
    String handle = receipt.recallHandle().orElseThrow();
    long deliverAtMs = fixture.time.nowMs() + 10_000;
    assertThat(new String(Base64.getUrlDecoder().decode(handle), StandardCharsets.UTF_8))
        .isEqualTo("v1 orders escrowmq " + (deliverAtMs + 1) + " KEY");
    assertThat(recall("orders", handle)).isEqualTo("KEY");
    assertThat(recall("orders", handle)).isEqualTo("KEY");
    fixture.pass(Duration.ofSeconds(11));
    assertThat(fixture.bodies("orders", 0)).isEmpty();
    assertThat(fixture.broker.statistics()).containsEntry("delayed-recalled-total", 1L);
  }

  @Test
  void doesNotRecallWhatWasDelivered() {
    String handle =
        fixture
            .send(Requests.to("orders").key("KEY").property("TIMER_DELAY_SEC", "1"))
            .recallHandle()
            .orElseThrow();
    fixture.pass(Duration.ofSeconds(1));
    assertThat(BrokerFixture.codeOf(() -> recall("orders", handle)))
        .isEqualTo(ErrorCode.ILLEGAL_OPERATION);
    assertThat(BrokerFixture.codeOf(() -> recall("other", handle)))
        .isEqualTo(ErrorCode.ILLEGAL_OPERATION);
    for (String bad : new String[] {"", "!", "djEgYQ==", "x".repeat(3000)}) {
      assertThat(BrokerFixture.codeOf(() -> recall("orders", bad)))
          .isEqualTo(ErrorCode.ILLEGAL_OPERATION);
    }
  }

  @Test
  void keepsEveryCopyOfAMessageThatIsSentTwice() {
    String handle = "";
    for (int i = 0; i < 12; i++) {
      handle =
          fixture
              .send(Requests.to("orders").body("copy").key("SAME").property("DELAY", "1"))
              .recallHandle()
              .orElseThrow();
    }
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.bodies("orders", 0)).hasSize(12);
    for (int i = 0; i < 3; i++) {
      handle =
          fixture
              .send(Requests.to("orders").body("recalled").key("SAME").property("DELAY", "1"))
              .recallHandle()
              .orElseThrow();
    }
    recall("orders", handle);
    fixture.pass(Duration.ofSeconds(1));
    assertThat(fixture.bodies("orders", 0)).hasSize(12);
    assertThat(fixture.broker.statistics()).containsEntry("delayed-recalled-total", 3L);
  }

  private String recall(String topic, String handle) {
    return BrokerFixture.get(fixture.broker.sending().recall(topic, handle));
  }

  private void assertRefused(String property, String value) {
    assertThat(
            BrokerFixture.codeOf(
                () -> fixture.send(Requests.to("orders").property(property, value))))
        .isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
  }
}
