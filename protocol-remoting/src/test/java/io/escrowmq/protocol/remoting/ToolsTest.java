package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.WireClient.Received;
import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the official tools ask, byte by byte as they read it. */
final class ToolsTest {

  private final ServerFixture fixture = new ServerFixture();
  private WireClient tool;

  @BeforeEach
  void connect() throws IOException {
    tool = fixture.client();
  }

  @AfterEach
  void close() throws IOException {
    tool.close();
    fixture.close();
  }

  @Test
  void clustersAndBrokers() throws IOException {
    String body = text(call(106));
    assertThat(body)
        .startsWith("{\"brokerAddrTable\":{\"test-broker\":{\"brokerAddrs\":{")
        .contains("127.0.0.1:" + fixture.brokerAddress().getPort())
        .endsWith("\"clusterAddrTable\":{\"TestCluster\":[\"test-broker\"]}}");
  }

  @Test
  void namesOfTopics() throws IOException {
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 2));
    assertThat(text(call(206))).contains("\"orders\"");
    assertThat(text(call(224, "cluster", "TestCluster"))).contains("\"orders\"");
    assertThat(text(call(224, "cluster", "another"))).isEqualTo("{\"topicList\":[]}");
    assertThat(text(call(304))).contains("TestCluster", "test-broker", "TBW102");
    assertThat(text(call(312))).isEqualTo("{\"topicList\":[]}");
  }

  @Test
  void valuesAreKept() throws IOException {
    assertThat(call(101, "namespace", "n", "key", "k").code()).isEqualTo(22);
    assertThat(call(219, "namespace", "n").code()).isEqualTo(22);
    assertThat(call(100, "namespace", "n", "key", "k", "value", "v").code()).isZero();
    assertThat(call(101, "namespace", "n", "key", "k").field("value")).isEqualTo("v");
    assertThat(text(call(219, "namespace", "n"))).isEqualTo("{\"table\":{\"k\":\"v\"}}");
    assertThat(call(102, "namespace", "n", "key", "k").code()).isZero();
    assertThat(call(101, "namespace", "n", "key", "k").code()).isEqualTo(22);
  }

  @Test
  void whatMeansNothingHereSucceeds() throws IOException {
    for (int code : new int[] {216, 217, 306, 316, 329}) {
      assertThat(call(code, "topic", "t").code()).as("request %s", code).isZero();
    }
  }

  @Test
  void topicsAreCreatedShownAndDeleted() throws IOException {
    Received created =
        tool.call(
            18,
            Map.of(),
            ("{\"topicConfigList\":[{\"topicName\":\"orders\",\"readQueueNums\":3,"
                    + "\"writeQueueNums\":2,\"perm\":6,\"order\":true,"
                    + "\"attributes\":{\"+message.type\":\"FIFO\"}}]}")
                .getBytes(UTF_8));
    assertThat(created.code()).isZero();
    assertThat(text(call(351, "topic", "orders")))
        .isEqualTo(
            "{\"attributes\":{\"message.type\":\"FIFO\"},\"order\":true,\"perm\":6,"
                + "\"readQueueNums\":3,\"topicFilterType\":\"SINGLE_TAG\",\"topicName\":\"orders\","
                + "\"topicSysFlag\":0,\"writeQueueNums\":2}");
    Received all = call(21, "topicSeq", "0", "maxTopicNum", "10");
    assertThat(all.field("totalTopicNum"))
        .isEqualTo(Integer.toString(fixture.broker.topics.size()));
    assertThat(text(all)).contains("\"topicConfigTable\":{", "\"orders\":{");
    assertThat(text(call(21, "topicSeq", "1000"))).contains("\"topicConfigTable\":{}");
    assertThat(text(call(202, "topic", "orders")))
        .contains(
            "{\"brokerName\":\"test-broker\",\"queueId\":2,\"topic\":\"orders\"}:"
                + "{\"lastUpdateTimestamp\":0,\"maxOffset\":0,\"minOffset\":0}");
    assertThat(call(215, "topic", "orders").code()).isZero();
    assertThat(call(351, "topic", "orders").code()).isEqualTo(17);
    assertThat(call(202, "topic", "orders").code()).isEqualTo(17);
  }

  @Test
  void groupsAreCreatedShownAndDeleted() throws IOException {
    String config =
        "{\"groupName\":\"g\",\"consumeEnable\":false,\"retryMaxTimes\":3,\"retryQueueNums\":2,"
            + "\"brokerId\":1,\"attributes\":{\"+a\":\"1\"}}";
    assertThat(tool.call(200, Map.of(), config.getBytes(UTF_8)).code()).isZero();
    GroupConfig group = fixture.broker.operations.configs.get("g");
    assertThat(group.consumes()).isFalse();
    assertThat(group.broadcasts()).isTrue();
    assertThat(group.maxRetries()).isEqualTo(3);
    assertThat(group.attributes()).containsExactly(Map.entry("a", "1"));
    assertThat(text(call(352, "group", "g")))
        .contains("\"brokerId\":1", "\"consumeEnable\":false", "\"consumeTimeoutMinute\":15")
        .contains("\"groupName\":\"g\"", "\"retryMaxTimes\":3", "\"retryQueueNums\":2");
    assertThat(
            tool.call(
                    225, Map.of(), "{\"groupConfigList\":[{\"groupName\":\"h\"}]}".getBytes(UTF_8))
                .code())
        .isZero();
    Received all = call(201, "groupSeq", "0", "maxGroupNum", "1");
    assertThat(all.field("totalGroupNum")).isEqualTo("2");
    assertThat(text(all)).contains("\"g\":{").doesNotContain("\"h\":{");
    assertThat(call(207, "groupName", "g", "cleanOffset", "true").code()).isZero();
    assertThat(fixture.broker.operations.deleted).containsExactly("g true");
    assertThat(call(352, "group", "g").code()).isEqualTo(26);
  }

  @Test
  void progressOfGroups() throws IOException {
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 1));
    fixture.broker.operations.configs.put("g", GroupConfig.of("g", 16));
    fixture.broker.operations.offsets.put(
        "g", Map.of(new QueueId("orders", 0), 0L, new QueueId("deleted", 0), 5L));
    String key = "{\"brokerName\":\"test-broker\",\"queueId\":0,\"topic\":\"orders\"}:";
    assertThat(text(call(208, "consumerGroup", "g")))
        .isEqualTo(
            "{\"consumeTps\":0.0,\"offsetTable\":{"
                + key
                + "{\"brokerOffset\":0,\"consumerOffset\":0,\"lastTimestamp\":0,\"pullOffset\":0}}}");
    fixture.broker.topics.put("wide", TopicConfig.of("wide", 2));
    assertThat(text(call(208, "consumerGroup", "g", "topic", "wide")))
        .as("queues without an offset")
        .contains("\"queueId\":0,\"topic\":\"wide\"", "\"queueId\":1,\"topic\":\"wide\"");
    assertThat(text(call(208, "consumerGroup", "g", "topic", "other")))
        .isEqualTo("{\"consumeTps\":0.0,\"offsetTable\":{}}");
    assertThat(text(call(300, "topic", "orders"))).isEqualTo("{\"groupList\":[\"g\"]}");
    assertThat(text(call(300, "topic", "none"))).isEqualTo("{\"groupList\":[]}");
    assertThat(text(call(43))).contains("\"orders@g\":{\"0\":0}", "\"deleted@g\":{\"0\":5}");
    assertThat(text(call(317, "isOrder", "false"))).contains("{\"g\":[", key, "\"totalDiff\":0");
    assertThat(text(call(343, "group", "g"))).isEqualTo("{\"topicList\":[\"deleted\",\"orders\"]}");
    assertThat(call(343, "group", "nobody").code()).isEqualTo(206);
  }

  @Test
  void nobodyIsOnline() throws IOException {
    assertThat(call(203, "consumerGroup", "g").code()).isEqualTo(206);
    assertThat(call(204, "producerGroup", "g").code()).isEqualTo(1);
    assertThat(text(call(328))).isEqualTo("{\"data\":{}}");
    assertThat(text(call(345, "group", "g", "topic", "t")))
        .isEqualTo("{\"group\":\"g\",\"topic\":\"t\"}");
  }

  @Test
  void figuresOfTheBroker() throws IOException {
    assertThat(text(call(28)))
        .contains("\"bootTimestamp\":\"1700000000000\"", "\"putTps\":\"1.50 2.25 3.00\"")
        .contains("\"putMessageAverageSize\":\"100\"", "\"commitLogDiskRatio\":\"0.0\"");
    Received config = call(26);
    assertThat(config.field("version")).contains("counter");
    assertThat(text(config)).contains("brokerName=test-broker\n", "brokerClusterName=TestCluster");
  }

  @Test
  void aClientIsAskedAndItsReplyPassedBack() throws Exception {
    try (WireClient client = fixture.client();
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      join(client, "g", "client-1");
      Future<Received> answer =
          threads.submit(() ->
              call(307, "consumerGroup", "g", "clientId", "client-1", "jstackEnable", "false"));
      Received question = client.receive();
      assertThat(question.code()).isEqualTo(307);
      assertThat(question.command().oneWay()).isFalse();
      assertThat(question.field("jstackEnable")).isEqualTo("false");
      client.reply(question, 0, "{\"properties\":{}}".getBytes(UTF_8));
      assertThat(text(answer.get(20, TimeUnit.SECONDS))).isEqualTo("{\"properties\":{}}");
    }
  }

  @Test
  void aClientThatLeavesDoesNotKeepToolsWaiting() throws Exception {
    try (WireClient client = fixture.client();
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      join(client, "g", "client-1");
      Future<Received> answer =
          threads.submit(() -> call(307, "consumerGroup", "g", "clientId", "client-1"));
      assertThat(client.receive().code()).isEqualTo(307);
      client.close();
      assertThat(answer.get(5, TimeUnit.SECONDS).command().remark()).contains("closed");
    }
    assertThat(call(307, "consumerGroup", "g", "clientId", "nobody").command().remark())
        .contains("not online");
    assertThat(
            call(309, "consumerGroup", "g", "clientId", "client-1", "msgId", "not an id")
                .command()
                .remark())
        .contains("no message with the id");
  }

  @Test
  void aGroupIsMovedAndItsMembersHearOfIt() throws IOException {
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 2));
    try (WireClient client = fixture.client()) {
      join(client, "g", "client-1");
      String moved =
          text(call(222, "topic", "orders", "group", "g", "timestamp", "-1", "isForce", "true"));
      assertThat(moved)
          .contains("{\"brokerName\":\"test-broker\",\"queueId\":1,\"topic\":\"orders\"}:0");
      Received push = client.receive();
      assertThat(push.code()).isEqualTo(220);
      assertThat(push.field("group")).isEqualTo("g");
      assertThat(new String(push.body(), UTF_8)).contains("\"queueId\":0");
    }
    assertThat(call(222, "topic", "orders", "group", "g", "timestamp", "5", "queueId", "2").code())
        .isEqualTo(1);
    assertThat(call(222, "topic", "none", "group", "g", "timestamp", "5").code()).isEqualTo(17);
    assertThat(text(call(303, "topic", "orders", "group", "g")))
        .startsWith("{\"consumeTimeSpanSet\":[{\"consumeTimeStamp\":0,\"delayTime\":0");
    assertThat(call(303, "topic", "none", "group", "g").code()).isEqualTo(17);
  }

  @Test
  void offsetsAreCopiedToAGroupThatIsNotOnline() throws IOException {
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 1));
    fixture.broker.operations.offsets.put("from", Map.of(new QueueId("orders", 0), 7L));
    assertThat(call(314, "srcGroup", "from", "destGroup", "to").code()).isZero();
    Map<String, String> query = Map.of("consumerGroup", "to", "topic", "orders", "queueId", "0");
    assertThat(tool.call(14, query).field("offset")).isEqualTo("7");
    try (WireClient client = fixture.client()) {
      join(client, "to", "client-1");
      assertThat(call(314, "srcGroup", "from", "destGroup", "to").command().remark())
          .contains("members online");
    }
  }

  @Test
  void aHalfMessageThatWasGivenUpIsAskedAboutAgain() throws IOException {
    Message half = SampleMessages.message(new QueueId("orders", 0), "half");
    fixture.broker.parked.put(77L, half);
    assertThat(tool.call(33, Map.of("offset", "77")).code()).isZero();
    String id = "7F0000010000" + "2A9F" + "000000000000004D";
    assertThat(call(323, "topic", "other", "msgId", id).code()).isEqualTo(1);
    assertThat(call(323, "topic", "orders", "msgId", "not an id").command().remark())
        .contains("no parked transaction of topic orders", "not an id");
    assertThat(call(323, "topic", "orders", "msgId", id).code()).isZero();
    assertThat(call(323, "topic", "orders", "msgId", id).code()).isEqualTo(1);
    assertThat(tool.call(33, Map.of("offset", "77")).code()).isEqualTo(1);
  }

  @Test
  void configurationIsNotChangedByTools() throws IOException {
    assertThat(call(25).code()).isEqualTo(16);
    assertThat(call(318).code()).isEqualTo(16);
    assertThat(call(319).code()).isZero();
    assertThat(text(call(901, "brokerName", "test-broker", "clusterName", "TestCluster")))
        .contains("\"brokerAddrs\":{\"0\":\"127.0.0.1:");
  }

  @Test
  void aBrokerIsTakenOutOfTheRoutesOfSenders() throws IOException {
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 1));
    int topics = fixture.broker.topics.size();
    Received wiped = call(205, "brokerName", "test-broker");
    assertThat(wiped.field("wipeTopicCount")).isEqualTo(Integer.toString(topics));
    assertThat(text(call(105, "topic", "orders"))).contains("\"perm\":4");
    assertThat(call(205, "brokerName", "test-broker").field("wipeTopicCount")).isEqualTo("0");
    assertThat(call(327, "brokerName", "another").field("addTopicCount")).isEqualTo("0");
    Received added = call(327, "brokerName", "test-broker");
    assertThat(added.field("addTopicCount")).isEqualTo(Integer.toString(topics));
    assertThat(text(call(105, "topic", "orders"))).contains("\"perm\":6");
  }

  @Test
  void retryPoliciesOfGroups() throws IOException {
    String exponential =
        "{\"groupName\":\"g\",\"groupRetryPolicy\":{\"type\":\"EXPONENTIAL\","
            + "\"exponentialRetryPolicy\":{\"initial\":1000,\"max\":60000,\"multiplier\":3}}}";
    assertThat(tool.call(200, Map.of(), exponential.getBytes(UTF_8)).code()).isZero();
    assertThat(fixture.broker.operations.configs.get("g").retryPolicy())
        .isEqualTo(new RetryPolicy.Exponential(1_000, 60_000, 3));
    assertThat(text(call(352, "group", "g")))
        .contains(
            "\"groupRetryPolicy\":{\"exponentialRetryPolicy\":"
                + "{\"initial\":1000,\"max\":60000,\"multiplier\":3},\"type\":\"EXPONENTIAL\"}");
    String listed =
        "{\"groupName\":\"h\",\"groupRetryPolicy\":{\"type\":\"CUSTOMIZED\","
            + "\"customizedRetryPolicy\":{\"next\":[1,2,3000]}}}";
    assertThat(tool.call(200, Map.of(), listed.getBytes(UTF_8)).code()).isZero();
    assertThat(text(call(352, "group", "h")))
        .contains("{\"customizedRetryPolicy\":{\"next\":[1,2,3000]},\"type\":\"CUSTOMIZED\"}");
    String none = "{\"groupName\":\"i\",\"groupRetryPolicy\":{\"type\":\"CUSTOMIZED\"}}";
    assertThat(tool.call(200, Map.of(), none.getBytes(UTF_8)).code()).isZero();
    assertThat(fixture.broker.operations.configs.get("i").retryPolicy())
        .isEqualTo(RetryPolicy.LEVELS);
    String unknown = "{\"groupName\":\"j\",\"groupRetryPolicy\":{\"type\":\"RANDOM\"}}";
    assertThat(tool.call(200, Map.of(), unknown.getBytes(UTF_8)).command().remark())
        .contains("EXPONENTIAL or CUSTOMIZED");
  }

  @Test
  void howMuchWentThroughATopicAndToAGroup() throws IOException {
    fixture.broker.operations.volumes.put(
        "SENT orders",
        new Flow.Volume(
            new Flow.Window(20, 4_000, 10),
            new Flow.Window(40, 8_000, 100),
            new Flow.Window(80, 16_000, 1_000)));
    fixture.broker.operations.volumes.put(
        "PULLED ordersg",
        new Flow.Volume(
            new Flow.Window(6, 60, 60), new Flow.Window(6, 60, 60), new Flow.Window(6, 60, 60)));
    assertThat(text(call(315, "statsName", "TOPIC_PUT_NUMS", "statsKey", "orders")))
        .isEqualTo(
            "{\"statsDay\":{\"avgpt\":1.0,\"sum\":80,\"tps\":0.08},"
                + "\"statsHour\":{\"avgpt\":1.0,\"sum\":40,\"tps\":0.4},"
                + "\"statsMinute\":{\"avgpt\":1.0,\"sum\":20,\"tps\":2.0}}");
    assertThat(text(call(315, "statsName", "TOPIC_PUT_SIZE", "statsKey", "orders")))
        .contains("\"statsMinute\":{\"avgpt\":200.0,\"sum\":4000,\"tps\":400.0}");
    assertThat(text(call(315, "statsName", "GROUP_GET_NUMS", "statsKey", "orders@g")))
        .contains("\"statsMinute\":{\"avgpt\":1.0,\"sum\":6,\"tps\":0.1}");
    Received none = call(315, "statsName", "GROUP_GET_NUMS", "statsKey", "orders@h");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.command().remark()).contains("orders@h", "not exist");
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 1));
    assertThat(text(call(202, "topic", "orders"))).contains("\"topicPutTps\":2.0");
    fixture.broker.operations.offsets.put("g", Map.of(new QueueId("orders", 0), 0L));
    assertThat(text(call(208, "consumerGroup", "g"))).contains("\"consumeTps\":0.1");
  }

  @Test
  void aGroupIsForbiddenToReadATopic() throws IOException {
    fixture.broker.operations.configs.put("g", GroupConfig.of("g", 16));
    assertThat(text(call(353, "group", "g", "topic", "orders")))
        .isEqualTo("{\"group\":\"g\",\"readable\":true,\"topic\":\"orders\"}");
    assertThat(text(call(353, "group", "g", "topic", "orders", "readable", "false")))
        .contains("\"readable\":false");
    assertThat(text(call(201))).contains("\"forbiddenTable\":{\"g\":{\"orders\":4}}");
    assertThat(text(call(353, "group", "g", "topic", "orders", "readable", "true")))
        .contains("\"readable\":true");
    assertThat(text(call(201))).contains("\"forbiddenTable\":{}");
  }

  @Test
  void entriesOfAQueue() throws IOException {
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 1));
    assertThat(text(call(321, "topic", "orders", "queueId", "0", "index", "0", "count", "3")))
        .isEqualTo("{\"maxQueueIndex\":0,\"minQueueIndex\":0,\"queueData\":[]}");
    assertThat(
            text(
                call(
                    321,
                    "topic",
                    "orders",
                    "queueId",
                    "0",
                    "index",
                    "0",
                    "count",
                    "3",
                    "consumerGroup",
                    "g")))
        .contains("\"filterData\":\"g@orders is not online!\"");
    assertThat(call(321, "topic", "orders", "queueId", "1", "index", "0").command().remark())
        .contains("1@orders is not exist");
  }

  @Test
  void theLeastOffsetsOfAllGroups() throws IOException {
    fixture.broker.topics.put("orders", TopicConfig.of("orders", 3));
    QueueId first = new QueueId("orders", 0);
    QueueId second = new QueueId("orders", 1);
    QueueId elsewhere = new QueueId("elsewhere", 0);
    fixture.broker.operations.offsets.put("a", Map.of(first, 5L, second, 9L, elsewhere, 1L));
    fixture.broker.operations.offsets.put("b", Map.of(first, 7L, second, 2L));
    fixture.broker.operations.offsets.put("c", Map.of(first, 1L, second, 3L));
    assertThat(text(call(308, "topic", "orders", "compareGroup", "a")))
        .isEqualTo("{\"correctionOffsets\":{\"0\":1,\"1\":2}}");
    assertThat(text(call(308, "topic", "orders", "compareGroup", "c", "filterGroups", "c,nobody")))
        .isEqualTo("{\"correctionOffsets\":{\"0\":" + Long.MAX_VALUE + ",\"1\":2}}");
  }

  @Test
  void consumersSayWhereTheyAre() throws Exception {
    try (WireClient client = fixture.client();
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      join(client, "g", "client-1");
      Future<Received> answer =
          threads.submit(() -> call(223, "topic", "orders", "group", "g", "clientAddr", ""));
      Received question = client.receive();
      assertThat(question.code()).isEqualTo(221);
      assertThat(question.field("topic")).isEqualTo("orders");
      String queue = "{\"brokerName\":\"}\\\"{\",\"queueId\":0,\"topic\":\"orders\"}:5";
      client.reply(
          question,
          0,
          ("{\"consumerTable\":{},\"messageQueueTable\":{" + queue + "}}").getBytes(UTF_8));
      assertThat(text(answer.get(20, TimeUnit.SECONDS)))
          .isEqualTo("{\"consumerTable\":{\"client-1\":{" + queue + "}}}");
    }
    assertThat(call(223, "topic", "orders", "group", "none").command().remark())
        .contains("No Any Consumer online");
  }

  /** Makes the client a member, as the broker's own register would. */
  private void join(WireClient client, String group, String clientId) throws IOException {
    String beat =
        "{\"clientID\":\""
            + clientId
            + "\",\"consumerDataSet\":[{\"groupName\":\""
            + group
            + "\",\"subscriptionDataSet\":[]}]}";
    assertThat(client.call(34, Map.of(), beat.getBytes(UTF_8)).code()).isZero();
    Heartbeat.Consumer membership =
        new Heartbeat.Consumer(
            group,
            Heartbeat.ConsumeType.PASSIVELY,
            Heartbeat.MessageModel.CLUSTERING,
            Heartbeat.ConsumeFrom.FIRST_OFFSET,
            Set.of());
    fixture.broker.operations.consumers.put(
        group,
        List.of(
            new GroupDirectory.Consumer(
                fixture.broker.clients.get(clientId), clientId, membership)));
  }

  private Received call(int code, String... pairs) throws IOException {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put(pairs[i], pairs[i + 1]);
    }
    return tool.call(code, fields, new byte[0]);
  }

  private static String text(Received received) {
    assertThat(received.code()).as(received.command().toString()).isZero();
    return new String(received.body(), UTF_8);
  }
}
