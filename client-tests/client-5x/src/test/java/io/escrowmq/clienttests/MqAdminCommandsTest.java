package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * More commands of the official mqadmin, and of its API where no command asks: some change a whole
 * server, so this class has one of its own.
 */
@Tag("escrowmq-only")
final class MqAdminCommandsTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.own();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  private static MqAdmin admin;
  private static DefaultMQAdminExt api;
  private static List<String> place;

  @BeforeAll
  static void start() throws Exception {
    admin = new MqAdmin(SERVER.nameServer());
    place =
        admin
            .run("clusterList")
            .lines()
            .filter(line -> line.contains("127.0.0.1:"))
            .map(line -> List.of(line.strip().split("\\s+", -1)))
            .findFirst()
            .orElseThrow();
    api = new DefaultMQAdminExt(20_000);
    api.setNamesrvAddr(SERVER.nameServer());
    api.setInstanceName("admin-commands");
    api.start();
  }

  @AfterAll
  static void stop() {
    api.shutdown();
    admin.close();
  }

  @Test
  void messagesAreSentTracedAndPrinted() {
    String topic = clients.topic(1);
    String sent =
        admin.once(
            "sendMessage",
            "-t",
            topic,
            "-p",
            "from-the-tool",
            "-k",
            "a-key",
            "-c",
            "tag",
            "-m",
            "true");
    assertThat(
            admin.once("sendMessage", "-t", topic, "-p", "to-a-queue", "-b", broker(), "-i", "0"))
        .contains("SEND_OK", broker());
    String id =
        sent.lines()
            .filter(line -> line.contains("SEND_OK"))
            .map(line -> line.strip().split("\\s+", -1)[3])
            .findFirst()
            .orElseThrow(() -> new AssertionError(sent));
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(
            () -> assertThat(admin.run("queryMsgTraceById", "-i", id)).contains("Pub", "success"));
    assertThat(
            admin.line("printMsgByQueue -t " + topic + " -a " + broker() + " -i 0 -p true -d true"))
        .contains("from-the-tool", "to-a-queue");
    assertThat(
            admin.line("printMsgByQueue -t " + topic + " -a " + broker() + " -i 0 -s tag -f true"))
        .containsPattern("Tag: tag +Count: 1");
    assertThat(admin.run("consumeMessage", "-t", topic, "-b", broker(), "-i", "0"))
        .contains("Consume ok", "from-the-tool", "to-a-queue");
    assertThat(admin.run("checkMsgSendRT", "-t", topic, "-a", "3"))
        .contains("Avg RT", broker(), "true");
    assertThat(admin.run("sendMsgStatus", "-b", broker(), "-c", "2")).contains("SEND_OK");
    assertThat(
            admin.run(
                "queryCq", "-t", topic, "-q", "0", "-i", "0", "-c", "2", "-b", brokerAddress()))
        .contains("max: 5, min: 0", "tagsCode=" + "tag".hashCode());
  }

  @Test
  void ratesOfTopicsAndGroups() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("rated");
    Inbox inbox = clients.inbox(group, topic, "*");
    for (int i = 0; i < 7; i++) {
      clients.producer().send(message(topic, "m" + i));
    }
    inbox.awaitAtLeast(7);
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() -> assertThat(stats(topic)).startsWith(topic, group).hasSize(7));
    List<String> line = stats(topic);
    assertThat(Double.parseDouble(line.get(3))).as("messages in per second").isPositive();
    assertThat(Double.parseDouble(line.get(4))).as("messages out per second").isPositive();
    assertThat(line.subList(5, 7)).as("in and out in 24 hours").containsExactly("7", "7");
    assertThat(
            api.viewBrokerStatsData(brokerAddress(), "GROUP_GET_SIZE", topic + "@" + group)
                .getStatsDay()
                .getSum())
        .isPositive();
  }

  @Test
  void listsOfTopicsAndGroupsComeFromFiles() throws Exception {
    String topic = clients.name("listed");
    String group = clients.name("listed-group");
    Path topics =
        file(
            "[{\"topicName\":\""
                + topic
                + "\",\"readQueueNums\":3,\"writeQueueNums\":3,\"perm\":6}]");
    assertThat(admin.run("updateTopicList", "-c", cluster(), "-f", topics.toString()))
        .contains("success");
    assertThat(admin.run("topicRoute", "-t", topic)).contains("\"writeQueueNums\":3");
    Path groups = file("[{\"groupName\":\"" + group + "\",\"retryMaxTimes\":3}]");
    assertThat(admin.run("updateSubGroupList", "-c", cluster(), "-f", groups.toString()))
        .contains("success");
    assertThat(admin.run("getConsumerConfig", "-g", group)).containsPattern("retryMaxTimes *= *3");
    assertThat(admin.run("allocateMQ", "-t", topic, "-i", "one,two"))
        .contains("\"one\"", "\"two\"", "\"queueId\":2");
  }

  @Test
  void orderOfATopic() {
    String topic = clients.topic(1);
    assertThat(admin.run("updateOrderConf", "-t", topic, "-m", "put", "-v", broker() + ":4"))
        .contains("update orderConf success");
    assertThat(admin.run("updateOrderConf", "-t", topic, "-m", "get"))
        .contains("orderConf=[" + broker() + ":4]");
    assertThat(admin.run("updateOrderConf", "-t", topic, "-m", "delete"))
        .contains("delete orderConf success");
  }

  @Test
  void exports() throws Exception {
    Path folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "export-");
    assertThat(admin.run("exportConfigs", "-c", cluster(), "-f", folder.toString()))
        .contains("success");
    assertThat(Files.readString(folder.resolve("configs.json")))
        .contains("\"masterBrokerSize\":1", broker());
    assertThat(admin.run("exportMetrics", "-c", cluster(), "-f", folder.toString()))
        .contains("success");
    assertThat(Files.readString(folder.resolve("metrics.json"))).contains("totalTps", broker());
  }

  @Test
  void configurationOfTheNameServer() {
    assertThat(admin.run("getNamesrvConfig")).contains("============", "EscrowMQ");
    assertThat(admin.run("updateNamesrvConfig", "-k", "a", "-v", "b")).contains("CODE: 16");
  }

  @Test
  void whatHasNoMeaningHereIsRefusedPolitely() {
    String at = brokerAddress();
    String topic = clients.topic(1);
    for (String command :
        List.of(
            "haStatus -b " + at,
            "getBrokerEpoch -b " + broker(),
            "getSyncStateSet -a " + at + " -b " + broker(),
            "setCommitLogReadAheadMode -b " + at + " -m 1",
            "resetMasterFlushOffset -b " + at + " -o 0",
            "getColdDataFlowCtrInfo -b " + at,
            "updateColdDataFlowCtrGroupConfig -b " + at + " -g g -v 1",
            "removeColdDataFlowCtrGroupConfig -b " + at + " -g g",
            "addBroker -c " + at + " -b broker.conf",
            "removeBroker -c " + at + " -b " + cluster() + ":" + broker() + ":0",
            "getControllerMetaData -a " + at,
            "getControllerConfig -a " + at,
            "updateControllerConfig -a " + at + " -k a -v b",
            "electMaster -a " + at + " -b 0 -bn " + broker() + " -c " + cluster(),
            "cleanBrokerMetadata -a " + at + " -b 1 -bn " + broker() + " -c " + cluster(),
            "checkRocksdbCqWriteProgress -c " + cluster(),
            "rocksDBConfigToJson -c " + cluster(),
            "exportPopRecord -b " + at,
            "updateStaticTopic -t static -qn 2 -b " + broker(),
            "switchTimerEngine -e F -b " + at,
            "getBrokerLiteInfo -b " + at)) {
      assertThat(admin.line(command)).as(command).contains("CODE: 3 ", "not supported");
    }
    for (String command :
        List.of(
            "getParentTopicInfo",
            "getLiteTopicInfo -l lite",
            "getLiteClientInfo -c client -g group",
            "getLiteGroupInfo -g group",
            "triggerLiteDispatch -g group")) {
      assertThat(admin.line(command + " -p " + topic))
          .as(command)
          .containsPattern(broker() + "\\]? +error");
    }
    assertThat(admin.line("remappingStaticTopic -t " + topic + " -b " + broker()))
        .contains("Mapping info should not be null");
  }

  @Test
  void timesOfSendsAreShownUntilItIsStopped() {
    assertThat(
            admin.until(
                Pattern.compile(broker() + " +[0-9.]+ +3 +0"),
                "clusterRT",
                "-c",
                cluster(),
                "-a",
                "3",
                "-i",
                "1"))
        .contains("#successCount", cluster());
  }

  @Test
  void aTopicTakesItsKindOfMessagesOnly() throws Exception {
    String topic = clients.name("normal");
    assertThat(admin.run("updateTopic", "-c", cluster(), "-t", topic, "-a", "+message.type=NORMAL"))
        .contains("success");
    clients.producer().send(message(topic, "plain"));
    Message delayed = message(topic, "delayed");
    delayed.setDelayTimeLevel(1);
    assertThatThrownBy(() -> clients.producer().send(delayed))
        .hasMessageContaining("CODE: 13")
        .hasMessageContaining("message.type");
    assertThat(admin.run("updateTopic", "-c", cluster(), "-t", topic, "-a", "+message.type=LOUD"))
        .contains("CODE: 29");
    admin.run("updateTopic", "-c", cluster(), "-t", topic, "-a", "+message.type=MIXED");
    clients.producer().send(delayed);
  }

  @Test
  void aGroupRetriesAsItsPolicySays() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("retrying");
    assertThat(
            admin.run(
                "updateSubGroup",
                "-c",
                cluster(),
                "-g",
                group,
                "-p",
                "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":"
                    + "{\"initial\":700,\"max\":900,\"multiplier\":2}}"))
        .contains("success");
    assertThat(admin.run("getConsumerConfig", "-g", group)).contains("EXPONENTIAL", "700");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              inbox.consumeMessage(messages, null);
              return messages.get(0).getReconsumeTimes() < 3
                  ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                  : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    clients.producer().send(message(topic, "again"));
    // By the delay levels three retries take 100 s.
    await().atMost(Duration.ofSeconds(30)).until(() -> inbox.bodies().size() == 4);
  }

  @Test
  void aGroupMayNotBroadcast() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("broadcasting");
    admin.run("updateSubGroup", "-c", cluster(), "-g", group, "-d", "false");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setMessageModel(MessageModel.BROADCASTING);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    clients.producer().send(message(topic, "for-all"));
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Inbox.PATIENCE)
        .until(() -> inbox.bodies().isEmpty());
    admin.run("updateSubGroup", "-c", cluster(), "-g", group, "-d", "true");
    await().atMost(Inbox.PATIENCE).until(() -> inbox.bodies().contains("for-all"));
  }

  @Test
  void aThrottledGroupGetsEverythingButSlowly() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("slow");
    assertThat(
            admin.line(
                "updateSubGroup -c "
                    + cluster()
                    + " -g "
                    + group
                    + " --attributes +consume.max.tps=40"))
        .contains("success");
    for (int i = 0; i < 120; i++) {
      clients.producer().send(message(topic, "m" + i));
    }
    Inbox inbox = clients.inbox(group, topic, "*");
    inbox.awaitAtLeast(1);
    long begin = System.nanoTime();
    inbox.awaitAtLeast(120);
    // The first answer has 32; 88 more at 40 a second, of which the last answer may be early.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
    assertThat(inbox.bodies()).doesNotHaveDuplicates();
  }

  @Test
  void consumersSayWhereTheyAreAndAreForbiddenToRead() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("asked");
    Inbox inbox = clients.inbox(group, topic, "*");
    clients.producer().send(message(topic, "one"));
    inbox.awaitAtLeast(1);
    MessageQueue queue = new MessageQueue(topic, broker(), 0);
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(api.getConsumeStatus(topic, group, "").values())
                .containsExactly(Map.of(queue, 1L)));
    await()
        .atMost(Inbox.PATIENCE)
        .until(() ->
            api.updateAndGetGroupReadForbidden(brokerAddress(), group, topic, null).getReadable());
    assertThat(
            api.updateAndGetGroupReadForbidden(brokerAddress(), group, topic, false).getReadable())
        .isFalse();
    clients.producer().send(message(topic, "two"));
    await()
        .during(Duration.ofSeconds(2))
        .atMost(Inbox.PATIENCE)
        .until(() -> inbox.bodies().size() <= 2);
    api.updateAndGetGroupReadForbidden(brokerAddress(), group, topic, true);
    inbox.awaitAtLeast(2);
  }

  private static List<String> stats(String topic) {
    return admin
        .run("statsAll", "-t", topic)
        .lines()
        .filter(line -> line.startsWith(topic))
        .map(line -> List.of(line.strip().split("\\s+", -1)))
        .findFirst()
        .orElse(List.of());
  }

  private static Path file(String text) throws IOException {
    Path file = Files.createTempFile(Path.of("target").toAbsolutePath(), "list-", ".json");
    return Files.writeString(file, text);
  }

  private static String cluster() {
    return place.get(0);
  }

  private static String broker() {
    return place.get(1);
  }

  private static String brokerAddress() {
    return place.get(3);
  }
}
