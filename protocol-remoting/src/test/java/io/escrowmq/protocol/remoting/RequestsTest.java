package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.WireClient.Received;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.storage.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every request of the client core over a real socket: what it does and how it is refused. */
@ExtendWith(LeakWatch.class)
final class RequestsTest {
  private static ServerFixture fixture;
  private static FakeBroker broker;
  private WireClient client;

  @BeforeAll
  static void start() {
    fixture = new ServerFixture();
    broker = fixture.broker;
  }

  @AfterAll
  static void stop() {
    fixture.close();
    assertThat(broker.openBatches()).isZero();
  }

  @BeforeEach
  void connect() throws IOException {
    client = fixture.client();
  }

  @AfterEach
  void disconnect() throws IOException {
    client.close();
  }

  private static Map<String, String> fields(String... pairs) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put(pairs[i], pairs[i + 1]);
    }
    return fields;
  }

  private static Map<String, String> send(String topic, String properties) {
    Map<String, String> fields =
        fields("a", "pg", "b", topic, "c", "TBW102", "d", "4", "e", "0", "f", "0");
    fields.putAll(fields("g", "1700000000000", "h", "3", "i", properties, "j", "0"));
    return fields;
  }

  private static Map<String, String> pull(String topic, long offset, int systemFlag) {
    Map<String, String> fields =
        fields("consumerGroup", "cg", "topic", topic, "queueId", "0", "maxMsgNums", "32");
    fields.putAll(
        fields("queueOffset", Long.toString(offset), "sysFlag", Integer.toString(systemFlag)));
    fields.putAll(fields("commitOffset", "7", "suspendTimeoutMillis", "20000"));
    fields.putAll(fields("subVersion", "0"));
    return fields;
  }

  private static byte[] heartbeat(String clientId, String group) {
    String consumer =
        "{\"groupName\":\""
            + group
            + "\",\"consumeType\":\"CONSUME_PASSIVELY\",\"messageModel\":\"CLUSTERING\","
            + "\"consumeFromWhere\":\"CONSUME_FROM_FIRST_OFFSET\",\"subscriptionDataSet\":"
            + "[{\"topic\":\"T\",\"subString\":\"*\",\"subVersion\":5}]}";
    return ("{\"clientID\":\""
            + clientId
            + "\",\"producerDataSet\":[{\"groupName\":\"pg\"}],\"consumerDataSet\":["
            + consumer
            + "]}")
        .getBytes(UTF_8);
  }

  private static List<Message> messages(byte[] body) {
    List<Message> messages = new ArrayList<>();
    for (int at = 0; at < body.length; ) {
      int size = ByteBuffer.wrap(body).getInt(at);
      messages.add(Message.wrap(ByteBuffer.wrap(body, at, size).slice()));
      at += size;
    }
    return messages;
  }

  private static long position(Received sendAnswer) {
    return Long.parseLong(sendAnswer.field("msgId").substring(16), 16);
  }

  @ParameterizedTest
  @EnumSource(HeaderEncoding.class)
  void sendInBothHeaderEncodings(HeaderEncoding encoding) throws IOException {
    String topic = "send-" + encoding;
    try (WireClient sender = fixture.client(encoding)) {
      Received answer =
          sender.call(310, send(topic, "UNIQ_KEY\u0001ABC\u0002"), "héllo".getBytes(UTF_8));
      assertThat(answer.code()).isZero();
      assertThat(answer.command().encoding()).isEqualTo(encoding);
      assertThat(answer.command().version()).isEqualTo(RemotingCommand.SERVER_VERSION);
      assertThat(answer.command().extFields())
          .containsEntry("queueId", "0")
          .containsEntry("queueOffset", "0")
          .containsEntry("transactionId", "ABC")
          .containsEntry("MSG_REGION", "TestRegion")
          .containsEntry("TRACE_ON", "true")
          .doesNotContainKey("recallHandle");
      int port = fixture.brokerAddress().getPort();
      assertThat(answer.field("msgId")).startsWith("7F000001%08X".formatted(port)).hasSize(32);
      Message stored = broker.at(position(answer)).orElseThrow();
      assertThat(UTF_8.decode(stored.body()).toString()).isEqualTo("héllo");
      assertThat(stored.topic()).isEqualTo(topic);
      assertThat(stored.flag()).isEqualTo(3);
      assertThat(stored.bornHost()).isEqualTo(sender.localAddress());
    }
  }

  @Test
  void sendWithLongNamesAndRecall() throws IOException {
    Map<String, String> fields =
        fields("producerGroup", "pg", "topic", "long", "queueId", "2", "sysFlag", "0");
    fields.putAll(fields("bornTimestamp", "5", "properties", "DELAY\u00013\u0002"));
    Received answer = client.call(10, fields, new byte[] {1});
    assertThat(answer.code()).isZero();
    assertThat(answer.field("queueId")).isEqualTo("2");
    Received recalled =
        client.call(370, fields("topic", "long", "recallHandle", answer.field("recallHandle")));
    assertThat(recalled.code()).isZero();
    assertThat(recalled.field("msgId")).isEqualTo("recalled");
    Received refused = client.call(370, fields("topic", "long", "recallHandle", "x"));
    assertThat(refused.code()).isEqualTo(604);
    assertThat(refused.command().remark()).isEqualTo("malformed handle. Check it");
  }

  @Test
  void batch() throws IOException {
    Received answer = client.call(320, send("batch", ""), Golden.bytes("batch"));
    assertThat(answer.code()).isZero();
    String[] ids = answer.field("msgId").split(",");
    assertThat(ids).hasSize(2);
    Received pulled = client.call(11, pull("batch", 0, 0));
    assertThat(messages(pulled.body()))
        .extracting(message -> UTF_8.decode(message.body()).toString())
        .containsExactly("body0", "body1");
    assertThat(messages(pulled.body()).get(1).tags()).contains("t1");

    byte[] torn = new byte[30];
    Received refused = client.call(320, send("batch", ""), torn);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.command().remark()).contains("message 0 of the batch");
  }

  @ParameterizedTest
  @CsvSource({
    "TOPIC_NOT_FOUND,17",
    "GROUP_NOT_FOUND,26",
    "MESSAGE_ILLEGAL,13",
    "MESSAGE_NOT_FOUND,1",
    "INVALID_PARAMETER,29",
    "NO_PERMISSION,16",
    "ILLEGAL_OPERATION,604",
    "SUBSCRIPTION_NOT_FOUND,24",
    "SUBSCRIPTION_NOT_LATEST,25",
    "FILTER_INVALID,23",
    "CONSUMER_NOT_ONLINE,206",
    "TRANSACTION_DUPLICATE,604",
    "TRANSACTION_NOT_FOUND,30101",
    "TRANSACTION_DECIDED,30102",
    "OVERLOADED,2",
    "STORE_FULL,14",
    "STORE_UNAVAILABLE,14",
    "NOT_SERVING,14",
    "INTERNAL,1"
  })
  void refusals(ErrorCode code, int expected) throws IOException {
    broker.failNext(code, "it was refused because of a reason", "Do this");
    Received answer = client.call(310, send("T", ""), new byte[] {1});
    assertThat(answer.code()).isEqualTo(expected);
    String remark = "it was refused because of a reason. Do this";
    assertThat(answer.command().remark())
        .isEqualTo(code == ErrorCode.OVERLOADED ? "[OVERLOAD]" + remark : remark);
  }

  @Test
  void laterRefusalAndInternalErrorLeaveTheConnectionUsable() throws IOException {
    assertThat(client.call(310, send("async-failure", ""), new byte[1]).code()).isEqualTo(14);
    for (int code : new int[] {310, 11}) {
      broker.failNext(() -> new IllegalStateException("secret detail"));
      Received answer = client.call(code, code == 310 ? send("T", "") : pull("T", 0, 0));
      assertThat(answer.code()).isEqualTo(1);
      assertThat(answer.command().remark())
          .contains("internal error")
          .doesNotContain("secret")
          .doesNotContain("Exception")
          .doesNotContain("at io.");
    }
    assertThat(client.call(310, send("T", ""), new byte[1]).code()).isZero();
  }

  @Test
  void malformedRequestsAreAnswered() throws IOException {
    Map<String, String> noTopic = send("T", "");
    noTopic.remove("b");
    Received missing = client.call(310, noTopic, new byte[1]);
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.command().remark()).contains("'b'").contains("is missing");
    Received json = client.call(34, Map.of(), "{\"clientID\":".getBytes(UTF_8));
    assertThat(json.code()).isEqualTo(1);
    assertThat(json.command().remark()).contains("heartbeat");
    Received utf8 = client.call(34, Map.of(), new byte[] {'{', '"', (byte) 0xff, '"', '}'});
    assertThat(utf8.code()).isEqualTo(1);
    Map<String, String> badQueue = pull("T", 0, 0);
    badQueue.put("queueId", "-3");
    assertThat(client.call(11, badQueue).code()).isEqualTo(29);
    Received unknown = client.call(4711, Map.of());
    assertThat(unknown.code()).isEqualTo(3);
    assertThat(unknown.command().remark()).contains("4711 not supported");
  }

  @Test
  void oneWayRequestsAreNeverAnswered() throws IOException {
    Map<String, String> offset = fields("consumerGroup", "ow", "topic", "T", "queueId", "0");
    offset.put("commitOffset", "41");
    client.tell(15, true, offset, new byte[0]);
    client.tell(4711, true, Map.of(), new byte[0]);
    client.tell(37, true, Map.of(), new byte[0]);
    broker.failNext(ErrorCode.TOPIC_NOT_FOUND, "no", "");
    client.tell(310, true, send("T", ""), new byte[1]);
    // Same connection, so this is behind the one-way update.
    Received answer = client.call(14, offset);
    assertThat(answer.field("offset")).isEqualTo("41");
  }

  @Test
  void transactions() throws IOException {
    Received half =
        client.call(310, send("tx", "TRAN_MSG\u0001true\u0002UNIQ_KEY\u0001K\u0002"), new byte[1]);
    Map<String, String> end = fields("producerGroup", "pg", "msgId", "K", "transactionId", "K");
    end.put("tranStateTableOffset", half.field("queueOffset"));
    end.put("commitLogOffset", Long.toString(position(half)));
    end.put("commitOrRollback", "0");
    assertThat(client.call(37, end).code()).isZero();
    end.put("commitOrRollback", "8");
    end.put("fromTransactionCheck", "true");
    assertThat(client.call(37, end).code()).isZero();
    assertThat(client.call(37, end).code()).isZero();
    TransactionServices.EndRequest seen = broker.ended.getLast();
    assertThat(seen.decision()).isEqualTo(TransactionServices.Decision.COMMIT);
    assertThat(seen.fromCheck()).isTrue();
    assertThat(seen.transactionId()).isEqualTo("K");
    assertThat(seen.clientId()).startsWith("127.0.0.1:");
    end.put("commitOrRollback", "12");
    Received conflict = client.call(37, end);
    assertThat(conflict.code()).isEqualTo(604);
    assertThat(conflict.command().remark()).contains("COMMIT").contains("final");
    end.put("producerGroup", "stranger");
    assertThat(client.call(37, end).command().remark()).contains("another producer group");
    end.put("commitLogOffset", "1");
    Received none = client.call(37, end);
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.command().remark()).contains("there is no transaction");
  }

  @Test
  void checkBackCarriesTheWholeHalfMessage() throws IOException {
    client.call(34, Map.of(), heartbeat("checked", "cg-check"));
    client.call(310, send("tx2", "PGROUP\u0001pg\u0002UNIQ_KEY\u0001K2\u0002"), new byte[] {9});
    Message half = messages(client.call(11, pull("tx2", 0, 0)).body()).getFirst();
    assertThat(broker.check("checked", half, 12, 1L << 50)).isTrue();
    Received check = client.receive();
    assertThat(check.code()).isEqualTo(39);
    assertThat(check.command().oneWay()).isTrue();
    assertThat(check.command().response()).isFalse();
    assertThat(check.command().extFields())
        .containsEntry("topic", "tx2")
        .containsEntry("tranStateTableOffset", "12")
        .containsEntry("commitLogOffset", Long.toString(1L << 50))
        .containsEntry("msgId", "K2")
        .containsEntry("transactionId", "U")
        .containsEntry("bname", "test-broker");
    assertThat(check.field("offsetMsgId")).endsWith("0004000000000000");
    Message asked = messages(check.body()).getFirst();
    assertThat(asked.queueOffset()).isEqualTo(12);
    assertThat(asked.position()).isEqualTo(1L << 50);
    assertThat(asked.bodyCrc()).isEqualTo(Message.crcOf(asked.body()));
    assertThat(asked.property("PGROUP")).contains("pg");
  }

  @Test
  void pullOutcomesCarryAllFourOffsets() throws IOException {
    for (int i = 0; i < 3; i++) {
      client.call(310, send("pull", "TAGS\u0001red\u0002"), new byte[] {(byte) i});
    }
    Received found = client.call(11, pull("pull", 1, 1));
    assertThat(found.code()).isZero();
    assertThat(messages(found.body())).extracting(Message::queueOffset).containsExactly(1L, 2L);
    assertOffsets(found, 3, 3);
    assertThat(broker.pulled.getLast().commitOffset()).hasValue(7);

    Map<String, String> filtered = pull("pull", 0, 4);
    filtered.put("subscription", "blue");
    Received none = client.call(361, filtered);
    assertThat(none.code()).isEqualTo(20);
    assertOffsets(none, 3, 3);

    Received nothing = client.call(11, pull("pull", 3, 0));
    assertThat(nothing.code()).isEqualTo(19);
    assertOffsets(nothing, 3, 3);

    Received moved = client.call(11, pull("pull", 99, 0));
    assertThat(moved.code()).isEqualTo(21);
    assertOffsets(moved, 3, 3);
    assertThat(moved.body()).isEmpty();
  }

  private static void assertOffsets(Received answer, long next, long max) {
    assertThat(answer.command().extFields())
        .containsEntry("nextBeginOffset", Long.toString(next))
        .containsEntry("minOffset", "0")
        .containsEntry("maxOffset", Long.toString(max))
        .containsEntry("suggestWhichBrokerId", "0");
  }

  @Test
  void waitingPullIsAnsweredOnArrivalAndHoldsNothingUp() throws IOException {
    int waiting = client.tell(11, false, pull("wait", 0, 2), new byte[0]);
    Received sent = client.call(310, send("other", ""), new byte[1]);
    assertThat(sent.code()).isZero();
    try (WireClient producer = fixture.client()) {
      producer.call(310, send("wait", ""), new byte[] {5});
    }
    Received answer = client.receive();
    assertThat(answer.command().opaque()).isEqualTo(waiting);
    assertThat(messages(answer.body())).hasSize(1);
  }

  @Test
  void heartbeatMembershipAndNotification() throws IOException {
    Received first = client.call(34, Map.of(), heartbeat("m1", "cg-members"));
    assertThat(first.code()).isZero();
    assertThat(first.command().version()).isGreaterThanOrEqualTo(232);
    assertThat(first.command().extFields())
        .containsEntry("IS_SUPPORT_HEART_BEAT_V2", "false")
        .containsEntry("IS_SUB_CHANGE", "true");
    try (WireClient second = fixture.client(HeaderEncoding.BINARY)) {
      second.call(34, Map.of(), heartbeat("m2", "cg-members"));
      Received notified = client.receive();
      assertThat(notified.code()).isEqualTo(40);
      assertThat(notified.command().oneWay()).isTrue();
      assertThat(notified.field("consumerGroup")).isEqualTo("cg-members");
      Received list = second.call(38, fields("consumerGroup", "cg-members"));
      assertThat(new String(list.body(), UTF_8)).isEqualTo("{\"consumerIdList\":[\"m1\",\"m2\"]}");
      Received bye = second.call(35, fields("clientID", "m2", "consumerGroup", "cg-members"));
      assertThat(bye.code()).isZero();
      Received after = second.call(38, fields("consumerGroup", "cg-members"));
      assertThat(new String(after.body(), UTF_8)).isEqualTo("{\"consumerIdList\":[\"m1\"]}");
    }
    Received nobody = client.call(38, fields("consumerGroup", "cg-nobody"));
    assertThat(nobody.code()).isEqualTo(1);
    assertThat(nobody.command().remark()).contains("no consumer for this group");
  }

  @Test
  void sendKnowsTheClientAfterItsHeartbeat() throws IOException {
    client.call(34, Map.of(), heartbeat("me@1", "cg-me"));
    client.call(310, send("T", ""), new byte[1]);
    SendRequest seen = broker.sent.getLast();
    assertThat(seen.clientId()).isEqualTo("me@1");
    assertThat(seen.producerGroup()).isEqualTo("pg");
    assertThat(seen.defaultTopicQueues()).isEqualTo(4);
  }

  @Test
  void requestReply() throws IOException {
    client.call(34, Map.of(), heartbeat("asker", "cg-asker"));
    try (WireClient answering = fixture.client()) {
      Map<String, String> reply =
          send("TestCluster_REPLY_TOPIC", "CORRELATION_ID\u0001c1\u0002REPLY_TO_CLIENT\u0001asker");
      Received done = answering.call(325, reply, "42".getBytes(UTF_8));
      assertThat(done.code()).isZero();
      Received pushed = client.receive();
      assertThat(pushed.code()).isEqualTo(326);
      assertThat(new String(pushed.body(), UTF_8)).isEqualTo("42");
      assertThat(pushed.command().extFields())
          .containsEntry("topic", "TestCluster_REPLY_TOPIC")
          .containsEntry("producerGroup", "pg")
          .containsKeys("bornHost", "storeHost", "storeTimestamp", "sysFlag", "flag", "queueId");
      assertThat(pushed.field("properties")).contains("CORRELATION_ID\u0001c1");
      reply.put("i", "REPLY_TO_CLIENT\u0001nobody");
      assertThat(answering.call(325, reply, new byte[1]).code()).isEqualTo(206);
    }
  }

  @Test
  void queueLocks() throws IOException {
    byte[] mine = lockBody("c1");
    byte[] theirs = lockBody("c2");
    Received got = client.call(41, Map.of(), mine);
    assertThat(new String(got.body(), UTF_8))
        .isEqualTo("{\"lockOKMQSet\":[{\"brokerName\":\"b\",\"queueId\":1,\"topic\":\"L\"}]}");
    assertThat(new String(client.call(41, Map.of(), theirs).body(), UTF_8))
        .isEqualTo("{\"lockOKMQSet\":[]}");
    client.tell(42, true, Map.of(), mine);
    assertThat(new String(client.call(41, Map.of(), theirs).body(), UTF_8)).contains("\"L\"");
    assertThat(client.call(42, Map.of(), theirs).code()).isZero();
  }

  private static byte[] lockBody(String clientId) {
    return ("{\"clientId\":\""
            + clientId
            + "\",\"consumerGroup\":\"cg\",\"mqSet\":"
            + "[{\"brokerName\":\"b\",\"queueId\":1,\"topic\":\"L\"}],\"onlyThisBroker\":false}")
        .getBytes(UTF_8);
  }

  @Test
  void offsetsAndBounds() throws IOException {
    Map<String, String> queue = fields("topic", "bounds", "queueId", "0");
    assertThat(client.call(32, queue).field("timestamp")).isEqualTo("-1");
    client.call(310, send("bounds", ""), new byte[1]);
    assertThat(client.call(30, queue).field("offset")).isEqualTo("1");
    assertThat(client.call(31, queue).field("offset")).isEqualTo("0");
    assertThat(client.call(32, queue).field("timestamp")).isEqualTo("1000");
    queue.put("timestamp", "1005");
    assertThat(client.call(29, queue).field("offset")).isEqualTo("6");
    queue.put("boundaryType", "UPPER");
    assertThat(client.call(29, queue).field("offset")).isEqualTo("5");
    queue.put("consumerGroup", "cg-offsets");
    queue.put("setZeroIfNotFound", "false");
    assertThat(client.call(14, queue).code()).isEqualTo(22);
    queue.put("setZeroIfNotFound", "true");
    assertThat(client.call(14, queue).field("offset")).isEqualTo("0");
    queue.put("commitOffset", "17");
    assertThat(client.call(15, queue).code()).isZero();
    assertThat(client.call(14, queue).field("offset")).isEqualTo("17");
  }

  @Test
  void lookUps() throws IOException {
    Received sent =
        client.call(310, send("find", "KEYS\u0001k1 k2\u0002UNIQ_KEY\u0001UK\u0002"), new byte[1]);
    Received viewed = client.call(33, fields("offset", Long.toString(position(sent))));
    assertThat(messages(viewed.body()).getFirst().topic()).isEqualTo("find");
    assertThat(client.call(33, fields("offset", "5")).code()).isEqualTo(1);
    Map<String, String> query =
        fields("topic", "find", "key", "k2", "maxNum", "32", "beginTimestamp", "0");
    query.put("endTimestamp", Long.toString(Long.MAX_VALUE));
    Received byKey = client.call(12, query);
    assertThat(messages(byKey.body())).hasSize(1);
    assertThat(byKey.command().extFields())
        .containsKeys("indexLastUpdateTimestamp", "indexLastUpdatePhyoffset");
    query.put("key", "UK");
    assertThat(client.call(12, query).code()).isEqualTo(22);
    query.put("_UNIQUE_KEY_QUERY", "true");
    assertThat(messages(client.call(12, query).body())).hasSize(1);
  }

  @Test
  void sendBackAndSubscriptionCheck() throws IOException {
    Map<String, String> back = fields("offset", "77", "group", "cg", "delayLevel", "-1");
    back.put("maxReconsumeTimes", "16");
    assertThat(client.call(36, back).code()).isZero();
    assertThat(broker.sentBack.getLast().position()).isEqualTo(77);
    assertThat(broker.sentBack.getLast().maxReconsumeTimes()).hasValue(16);
    broker.failNext(ErrorCode.MESSAGE_NOT_FOUND, "gone", "");
    assertThat(client.call(36, back).code()).isEqualTo(1);

    assertThat(client.call(46, Map.of(), Golden.bytes("check")).code()).isZero();
    byte[] bad = new String(Golden.bytes("check"), UTF_8).replace("a || b", "??").getBytes(UTF_8);
    Received refused = client.call(46, Map.of(), bad);
    assertThat(refused.code()).isEqualTo(23);
    assertThat(refused.command().remark()).contains("'??'");
  }

  @Test
  void filtersReachTheBrokerWithTheirTypes() throws IOException {
    Map<String, String> pull = pull("filtered", 0, 4);
    pull.putAll(fields("subscription", "a > 5", "expressionType", "SQL92", "subVersion", "9"));
    client.call(361, pull);
    assertThat(broker.pulled.getLast().subscription())
        .contains(new Subscription("filtered", Subscription.SQL92, "a > 5", 9));

    // 8: the client believes that a class of its own filters at the server.
    client.call(11, pull("filtered", 0, 8));
    assertThat(broker.pulled.getLast().subscription().orElseThrow().expressionType())
        .isEqualTo(Subscription.CLASS_FILTER);
    byte[] byClass =
        new String(Golden.bytes("check"), UTF_8)
            .replace("\"classFilterMode\":false", "\"classFilterMode\":true")
            .getBytes(UTF_8);
    assertThat(client.call(46, Map.of(), byClass).code()).isZero();
    assertThat(broker.checked.getLast().expressionType()).isEqualTo(Subscription.CLASS_FILTER);
  }

  @Test
  void routesAndTopics() throws IOException {
    Map<String, String> create =
        fields("topic", "made", "defaultTopic", "TBW102", "readQueueNums", "4", "perm", "6");
    create.putAll(fields("writeQueueNums", "8", "topicFilterType", "SINGLE_TAG", "order", "true"));
    create.put("attributes", "+message.type=FIFO,+x=1");
    assertThat(client.call(17, create).code()).isZero();
    create.put("attributes", "-x,+y=2");
    client.call(17, create);
    TopicConfig made = broker.topics.get("made");
    assertThat(made.attributes()).isEqualTo(Map.of("message.type", "FIFO", "y", "2"));
    assertThat(made.writeQueues()).isEqualTo(8);

    String address = "127.0.0.1:" + fixture.brokerAddress().getPort();
    String quoted = new String(client.call(105, fields("topic", "made")).body(), UTF_8);
    assertThat(quoted).contains("\"brokerAddrs\":{\"0\":\"" + address + "\"}");
    assertThat(quoted).contains("\"brokerName\":\"test-broker\"").contains("orderTopicConf");
    try (WireClient nameServer =
        WireClient.connect(fixture.server.endpoints().get("nameServer"), HeaderEncoding.JSON)) {
      RemotingCommand old =
          new RemotingCommand(
              105,
              io.escrowmq.protocol.remoting.wire.Language.JAVA,
              395,
              7,
              0,
              null,
              Map.of("topic", "made"),
              HeaderEncoding.JSON);
      nameServer.raw(WireClient.encode(old, new byte[0]));
      assertThat(new String(nameServer.receive().body(), UTF_8))
          .contains("\"brokerAddrs\":{0:\"" + address + "\"}");
      Received missing = nameServer.call(105, fields("topic", "missing"));
      assertThat(missing.code()).isEqualTo(17);
      assertThat(missing.command().remark()).contains("missing");
    }
  }
}
