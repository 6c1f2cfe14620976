package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.protocol.remoting.WireClient.Received;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.RequestModes.Mode;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.io.IOException;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requests of consumers that pop, over a real socket. */
final class PopRequestsTest {

  private static final String HANDLE = "4 1700000000000 60000 77 0 broker 1 5";

  private final ServerFixture fixture = new ServerFixture();
  private final FakePopping popping = fixture.broker.popping;
  private WireClient client;

  @BeforeEach
  void connect() throws IOException {
    client = fixture.client();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    fixture.close();
  }

  private static Map<String, String> fields(String... pairs) {
    Map<String, String> fields =
        new HashMap<>(Map.of("consumerGroup", "cg", "topic", "T", "queueId", "1"));
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put(pairs[i], pairs[i + 1]);
    }
    return fields;
  }

  private static Map<String, String> pop(String... pairs) {
    Map<String, String> fields = fields("maxMsgNums", "32", "invisibleTime", "60000");
    fields.putAll(Map.of("pollTime", "15000", "bornTime", "1", "initMode", "1", "queueId", "-1"));
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put(pairs[i], pairs[i + 1]);
    }
    return fields;
  }

  private static Message message(int queue, long offset, int reconsumeTimes) {
    return SampleMessages.message(new QueueId("T", queue), "m" + offset)
        .withReconsumeTimes(reconsumeTimes)
        .stamped(offset, 1_000 + offset, 1);
  }

  @ParameterizedTest
  @EnumSource(HeaderEncoding.class)
  void theAnswerHasWhatAClientMakesHandlesOf(HeaderEncoding encoding) throws IOException {
    try (WireClient any = fixture.client(encoding)) {
      popping.next = List.of(message(0, 7, 0), message(0, 9, 2), message(3, 1, 0));
      Received answer = any.call(200_050, pop("expType", "TAG", "exp", "a || b"));
      assertThat(answer.code()).isZero();
      assertThat(answer.command().extFields())
          .containsEntry("popTime", "1700000000000")
          .containsEntry("invisibleTime", "60000")
          .containsEntry("reviveQid", "77")
          .containsEntry("restNum", "5")
          .containsEntry("startOffsetInfo", "0 0 7;0 3 1")
          .containsEntry("msgOffsetInfo", "0 0 7,9;0 3 1")
          .doesNotContainKey("orderCountInfo");
      PopRequest asked = popping.pops.getLast();
      assertThat(asked.queue()).isEqualTo(PopRequest.ANY_QUEUE);
      assertThat(asked.fromEnd()).isTrue();
      assertThat(asked.waitMs()).isEqualTo(15_000);
      assertThat(asked.subscription())
          .contains(new Subscription("T", Subscription.TAG, "a || b", 0));
    }
  }

  @Test
  void anOrderedAnswerSaysHowOftenEachMessageWasGiven() throws IOException {
    popping.next = List.of(message(1, 7, 0), message(1, 8, 2));
    Received answer = client.call(200_050, pop("order", "true", "attemptId", "x", "queueId", "1"));
    assertThat(answer.field("orderCountInfo")).isEqualTo("0 qo1%7 0;0 qo1%8 2");
    assertThat(popping.pops.getLast().ordered()).isTrue();
    assertThat(popping.pops.getLast().attemptId()).isEqualTo("x");
    assertThat(popping.pops.getLast().queue()).isEqualTo(1);
  }

  @Test
  void nothingNewAndTooManyWaitingHaveTheirOwnCodesAndAllFields() throws IOException {
    Received nothing = client.call(200_050, pop());
    assertThat(nothing.code()).isEqualTo(210);
    assertThat(nothing.command().extFields())
        .containsKeys("popTime", "invisibleTime", "reviveQid", "restNum");
    popping.empty = PopAnswer.Status.TOO_MANY_WAITING;
    assertThat(client.call(200_050, pop()).code()).isEqualTo(209);
  }

  @ParameterizedTest
  @ValueSource(ints = {3_442, 200_050})
  void theBinaryHeaderCutsTheCode(int code) throws IOException {
    try (WireClient binary = fixture.client(HeaderEncoding.BINARY)) {
      assertThat(binary.call(code, pop()).code()).isEqualTo(210);
    }
  }

  @Test
  void anAcknowledgementNamesTheDelivery() throws IOException {
    assertThat(client.call(200_051, fields("extraInfo", HANDLE, "offset", "5")).code()).isZero();
    assertThat(popping.named)
        .containsExactly(new Delivery(new QueueId("T", 1), 5, 1_700_000_000_000L, 77));
    popping.outcome = Delivery.Outcome.STALE;
    Received late = client.call(200_051, fields("extraInfo", HANDLE, "offset", "5"));
    assertThat(late.code()).isEqualTo(208);
    assertThat(late.command().remark()).contains("no longer");
    popping.outcome = Delivery.Outcome.UNKNOWN;
    assertThat(client.call(200_051, fields("extraInfo", HANDLE, "offset", "5")).code())
        .isEqualTo(208);
  }

  @Test
  void aHandleThatIsNoneIsRefused() throws IOException {
    for (String handle : List.of("nonsense", "a b c d e f g h")) {
      Received answer = client.call(200_051, fields("extraInfo", handle, "offset", "5"));
      assertThat(answer.code()).isNotZero();
      assertThat(answer.command().remark()).contains("extraInfo");
    }
    assertThat(popping.named).isEmpty();
  }

  @Test
  void aBatchNamesSeveralByTheirDistance() throws IOException {
    BitSet bits = new BitSet();
    bits.set(0);
    bits.set(3);
    String body =
        "{\"brokerName\":\"b\",\"acks\":[{\"c\":\"cg\",\"t\":\"T\",\"r\":\"0\",\"so\":40,\"q\":1,"
            + "\"rq\":77,\"pt\":9,\"it\":60000,\"b\":\""
            + Base64.getEncoder().encodeToString(bits.toByteArray())
            + "\"}]}";
    assertThat(client.call(200_151, Map.of(), body.getBytes(UTF_8)).code()).isZero();
    assertThat(popping.named).extracting(Delivery::offset).containsExactly(40L, 43L);
    assertThat(popping.named).extracting(Delivery::generation).containsOnly(77);
    assertThat(client.call(200_151, Map.of(), "{\"acks\":[]}".getBytes(UTF_8)).code())
        .isEqualTo(208);
  }

  @Test
  void aChangeAnswersWithWhatTheNextHandleIsMadeOf() throws IOException {
    Received changed =
        client.call(200_053, fields("extraInfo", HANDLE, "offset", "5", "invisibleTime", "30000"));
    assertThat(changed.code()).isZero();
    assertThat(popping.changedTo).isEqualTo(30_000);
    assertThat(changed.command().extFields())
        .containsEntry("popTime", "1700000000000")
        .containsEntry("invisibleTime", "60000")
        .containsEntry("reviveQid", "77");
    popping.outcome = Delivery.Outcome.STALE;
    assertThat(
            client
                .call(200_053, fields("extraInfo", HANDLE, "offset", "5", "invisibleTime", "30000"))
                .code())
        .isEqualTo(208);
  }

  @Test
  void peekNotificationAndPollingInfo() throws IOException {
    assertThat(client.call(200_052, fields("maxMsgNums", "4")).code()).isEqualTo(19);
    popping.next = List.of(message(1, 7, 0));
    assertThat(client.call(200_052, fields("maxMsgNums", "4")).code()).isZero();
    assertThat(client.call(200_054, fields("pollTime", "1000", "bornTime", "1")).field("hasMsg"))
        .isEqualTo("true");
    assertThat(popping.pops.getLast().subscription()).isEmpty();
    Map<String, String> filtered = fields("pollTime", "1000", "bornTime", "1", "exp", "a > 1");
    filtered.put("expType", "SQL92");
    assertThat(client.call(200_054, filtered).field("hasMsg")).isEqualTo("true");
    assertThat(popping.pops.getLast().subscription())
        .contains(new Subscription("T", "SQL92", "a > 1", 0));
    assertThat(client.call(200_055, fields()).field("pollingNum")).isEqualTo("3");
  }

  private String assignment(String strategy, String clientId) throws IOException {
    String body =
        "{\"consumerGroup\":\"cg\",\"topic\":\"T\",\"clientId\":\""
            + clientId
            + "\",\"strategyName\":\""
            + strategy
            + "\",\"messageModel\":\"CLUSTERING\"}";
    Received answer = client.call(400, Map.of(), body.getBytes(UTF_8));
    assertThat(answer.code()).isZero();
    return new String(answer.body(), UTF_8);
  }

  private void mode(String mode, int shared) throws IOException {
    String body =
        "{\"consumerGroup\":\"cg\",\"topic\":\"T\",\"mode\":\""
            + mode
            + "\",\"popShareQueueNum\":"
            + shared
            + "}";
    assertThat(client.call(401, Map.of(), body.getBytes(UTF_8)).code()).isZero();
  }

  @Test
  void membersAskForTheirShare() throws IOException {
    fixture.broker.createOrUpdate(TopicConfig.of("T", 5));
    assertThat(assignment("AVG", "one")).isEqualTo("{}");
    // Another connection: what members are told about each other arrives there.
    try (WireClient members = fixture.client()) {
      for (String id : List.of("one", "two", "three", "four")) {
        members.tell(34, false, Map.of(), heartbeat(id));
      }
      await().until(() -> fixture.broker.members("cg").size() == 4);
      checkShares();
    }
  }

  private void checkShares() throws IOException {
    assertThat(queuesIn(assignment("AVG", "four"))).containsExactly(0, 1);
    assertThat(queuesIn(assignment("AVG", "two"))).containsExactly(4);
    assertThat(queuesIn(assignment("AVG_BY_CIRCLE", "four"))).containsExactly(0, 4);
    assertThat(assignment("AVG", "four")).contains("\"mode\":\"PULL\"");
    assertThat(assignment("CONFIG", "four")).isEqualTo("{}");
    mode("POP", 0);
    assertThat(popping.modes.values()).containsExactly(new Mode("cg", "T", true, 0));
    assertThat(queuesIn(assignment("AVG", "two"))).containsExactly(-1);
    assertThat(assignment("AVG", "two")).contains("\"mode\":\"POP\"");
    mode("POP", 1);
    assertThat(queuesIn(assignment("AVG", "two"))).containsExactlyInAnyOrder(4, 0, 1);
    assertThat(new String(client.call(402, Map.of()).body(), UTF_8))
        .isEqualTo(
            "{\"messageRequestModeMap\":{\"T\":{\"cg\":{\"consumerGroup\":\"cg\",\"mode\":\"POP\","
                + "\"popShareQueueNum\":1,\"topic\":\"T\"}}}}");
    mode("PULL", 0);
    assertThat(assignment("AVG", "four")).contains("\"mode\":\"PULL\"");
  }

  private static List<Integer> queuesIn(String json) {
    return java.util.regex.Pattern.compile("\"queueId\":(-?\\d+)")
        .matcher(json)
        .results()
        .map(it -> Integer.valueOf(it.group(1)))
        .toList();
  }

  private static byte[] heartbeat(String clientId) {
    return ("{\"clientID\":\""
            + clientId
            + "\",\"consumerDataSet\":[{\"groupName\":\"cg\",\"consumeType\":\"CONSUME_POP\","
            + "\"messageModel\":\"CLUSTERING\",\"consumeFromWhere\":\"CONSUME_FROM_FIRST_OFFSET\","
            + "\"subscriptionDataSet\":[{\"topic\":\"T\",\"subString\":\"*\",\"subVersion\":5}]}]}")
        .getBytes(UTF_8);
  }
}
