package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands of the official mqadmin 5.5.0 and what they print. */
final class MqAdminTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  private static MqAdmin admin;
  private static List<String> place;

  @BeforeAll
  static void start() {
    admin = new MqAdmin(SERVER.nameServer());
    place =
        admin
            .run("clusterList")
            .lines()
            .filter(line -> line.contains("127.0.0.1:"))
            .map(line -> List.of(line.strip().split("\\s+", -1)))
            .findFirst()
            .orElseThrow();
  }

  @AfterAll
  static void stop() {
    admin.close();
  }

  @Test
  void clusters() {
    assertThat(admin.run("clusterList")).contains(cluster(), broker(), "EscrowMQ");
    assertThat(admin.run("clusterList", "-m")).contains(cluster(), broker());
    assertThat(admin.run("brokerStatus", "-b", brokerAddress()))
        .contains("bootTimestamp", "putTps", "EscrowMQ");
    assertThat(admin.run("getBrokerConfig", "-b", brokerAddress()))
        .contains("brokerName", broker());
  }

  @Test
  void topics() {
    String topic = clients.name("admin-topic");
    assertThat(admin.run("updateTopic", "-c", cluster(), "-t", topic, "-r", "3", "-w", "3"))
        .contains("create topic to", "success");
    assertThat(admin.run("topicList")).contains(topic);
    assertThat(admin.run("topicRoute", "-t", topic)).contains("\"writeQueueNums\":3", broker());
    assertThat(admin.run("topicClusterList", "-t", topic)).contains(cluster());
    assertThat(admin.run("updateTopicPerm", "-c", cluster(), "-t", topic, "-p", "4"))
        .contains("success");
    assertThat(admin.run("topicRoute", "-t", topic)).contains("\"perm\":4");
    assertThat(admin.run("deleteTopic", "-c", cluster(), "-t", topic)).contains("success");
    assertThat(admin.run("topicList")).doesNotContain(topic);
  }

  @Test
  void whatIsInATopic() throws Exception {
    String topic = clients.topic(2);
    clients.producer().send(message(topic, "one"));
    clients.producer().send(message(topic, "two"));
    assertThat(admin.run("topicStatus", "-t", topic)).contains(broker(), "#Max Offset");
    assertThat(admin.run("topicStatus", "-t", topic).lines().filter(it -> it.contains(broker())))
        .hasSize(2);
    assertThat(admin.run("topicStatus", "-t", clients.name("nowhere"))).contains("CODE: 17");
  }

  @Test
  void groups() {
    String group = clients.name("admin-group");
    assertThat(admin.run("updateSubGroup", "-c", cluster(), "-g", group, "-r", "5", "-q", "2"))
        .contains("create subscription group to", "success");
    assertThat(admin.run("getConsumerConfig", "-g", group))
        .contains("retryMaxTimes", "5", "retryQueueNums", "2");
    assertThat(admin.run("consumerConnection", "-g", group)).contains("CODE: 206");
    assertThat(admin.run("deleteSubGroup", "-c", cluster(), "-g", group, "-r", "true"))
        .contains("delete subscription group", "success");
    assertThat(admin.run("getConsumerConfig", "-g", group)).doesNotContain("retryMaxTimes");
  }

  @Test
  void aGroupThatIsSwitchedOffDoesNotConsume() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("off");
    admin.run("updateSubGroup", "-c", cluster(), "-g", group, "-s", "false");
    Inbox inbox = clients.inbox(group, topic, "*");
    clients.producer().send(message(topic, "later"));
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Inbox.PATIENCE)
        .until(() -> inbox.bodies().isEmpty());
    admin.run("updateSubGroup", "-c", cluster(), "-g", group, "-s", "true");
    await().atMost(Inbox.PATIENCE).until(() -> inbox.bodies().contains("later"));
  }

  @Test
  void whoIsThereAndHowFar() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("progress");
    Inbox inbox = clients.inbox(group, topic, "*");
    clients.producer().send(message(topic, "one"));
    await().atMost(Inbox.PATIENCE).until(() -> inbox.bodies().contains("one"));
    assertThat(admin.run("consumerConnection", "-g", group))
        .contains("JAVA", topic, "CLUSTERING", "CONSUME_FROM_FIRST_OFFSET");
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(admin.run("consumerProgress", "-g", group))
                .contains(topic, "Consume Diff Total: 0"));
    assertThat(admin.run("consumerProgress")).contains(group);
    assertThat(admin.run("topicList", "-c")).contains(topic, group);
    assertThat(admin.run("brokerConsumeStats", "-b", brokerAddress())).contains(group, topic);
    assertThat(
            admin.run(
                "producerConnection", "-g", clients.producer().getProducerGroup(), "-t", topic))
        .contains("JAVA");
    assertThat(admin.run("producer", "-b", brokerAddress()))
        .contains(clients.producer().getProducerGroup());
  }

  @Test
  void aGroupIsSwitchedToPopAndMovedBack() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("popping");
    admin.run("updateSubGroup", "-c", cluster(), "-g", group);
    assertThat(
            admin.run(
                "setConsumeMode",
                "-c",
                cluster(),
                "-t",
                topic,
                "-g",
                group,
                "-m",
                "POP",
                "-q",
                "0"))
        .contains("success", "consume mode[POP]");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setClientRebalance(false);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    clients.producer().send(message(topic, "one"));
    inbox.awaitAtLeast(1);
    await().atMost(Inbox.PATIENCE).until(() -> offset(group, topic) == 1);
    assertThat(admin.run("consumerConnection", "-g", group)).contains("JAVA", topic);
    admin.run("resetOffsetByTime", "-g", group, "-t", topic, "-s", "0");
    inbox.awaitAtLeast(2);
    assertThat(inbox.bodies()).containsExactly("one", "one");
    await().atMost(Inbox.PATIENCE).until(() -> offset(group, topic) == 1);
    assertThat(admin.run("setConsumeMode", "-c", cluster(), "-t", topic, "-g", group, "-m", "PULL"))
        .contains("success", "consume mode[PULL]");
  }

  @Test
  void messages() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("tracked");
    Inbox inbox = clients.inbox(group, topic, "*");
    Message message = message(topic, "findable");
    message.setKeys("the-key-of-" + topic);
    SendResult sent = clients.producer().send(message);
    await().atMost(Inbox.PATIENCE).until(() -> inbox.bodies().contains("findable"));
    assertThat(admin.run("queryMsgById", "-t", topic, "-i", sent.getOffsetMsgId()))
        .contains(topic, sent.getMsgId());
    assertThat(admin.run("queryMsgByKey", "-t", topic, "-k", "the-key-of-" + topic))
        .contains(sent.getMsgId());
    assertThat(admin.run("queryMsgByUniqueKey", "-t", topic, "-i", sent.getMsgId()))
        .contains(topic, "the-key-of-" + topic);
    assertThat(admin.run("queryMsgByOffset", "-t", topic, "-b", broker(), "-i", "0", "-o", "0"))
        .contains(sent.getMsgId());
    assertThat(admin.run("printMsg", "-t", topic)).contains(sent.getMsgId());
  }

  @Test
  void aConsumerIsAskedThroughItsBroker() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("asked");
    Inbox inbox = clients.inbox(group, topic, "*");
    SendResult sent = clients.producer().send(message(topic, "again"));
    String clientId = onlyMember(group);
    assertThat(admin.run("consumerStatus", "-g", group, "-i", clientId))
        .contains("PROP_CONSUMEORDERLY", topic);
    inbox.awaitAtLeast(1);
    assertThat(
            admin.run(
                "queryMsgById",
                "-t",
                topic,
                "-i",
                sent.getOffsetMsgId(),
                "-g",
                group,
                "-d",
                clientId))
        .contains("CR_SUCCESS");
    assertThat(inbox.bodies()).containsExactly("again", "again");
  }

  @Test
  void anOfflineGroupIsMovedByTime() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("moved");
    for (String body : List.of("one", "two")) {
      clients.producer().send(message(topic, body));
    }
    admin.run("updateSubGroup", "-c", cluster(), "-g", group);
    assertThat(admin.run("skipAccumulatedMessage", "-g", group, "-t", topic)).contains(broker());
    assertThat(offset(group, topic)).isEqualTo(2);
    assertThat(admin.run("resetOffsetByTime", "-g", group, "-t", topic, "-s", "0"))
        .contains(broker());
    assertThat(offset(group, topic)).isZero();
    clients.inbox(group, topic, "*").awaitExactly(List.of("one", "two"));
  }

  @Test
  void aRunningGroupGoesBack() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("back");
    Inbox inbox = clients.inbox(group, topic, "*");
    clients.producer().send(message(topic, "one"));
    inbox.awaitAtLeast(1);
    await().atMost(Inbox.PATIENCE).until(() -> offset(group, topic) == 1);
    assertThat(admin.run("resetOffsetByTime", "-g", group, "-t", topic, "-s", "0"))
        .contains(broker());
    inbox.awaitAtLeast(2);
    assertThat(inbox.bodies()).containsExactly("one", "one");
    await().atMost(Inbox.PATIENCE).until(() -> offset(group, topic) == 1);
  }

  @Test
  void offsetsAreCloned() throws Exception {
    String topic = clients.topic(1);
    String from = clients.name("from");
    String to = clients.name("to");
    clients.inbox(from, topic, "*");
    clients.producer().send(message(topic, "one"));
    await().atMost(Inbox.PATIENCE).until(() -> offset(from, topic) == 1);
    admin.run("updateSubGroup", "-c", cluster(), "-g", to);
    assertThat(admin.run("cloneGroupOffset", "-s", from, "-d", to, "-t", topic))
        .contains("clone group offset success");
    assertThat(offset(to, topic)).isEqualTo(1);
  }

  @Test
  void exportsAndFigures() throws Exception {
    String topic = clients.topic(1);
    clients.producer().send(message(topic, "one"));
    Path folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "export-");
    assertThat(admin.run("exportMetadata", "-c", cluster(), "-f", folder.toString()))
        .contains("success");
    assertThat(Files.readString(folder.resolve("metadata.json"))).contains(topic);
    assertThat(admin.run("statsAll", "-t", topic)).contains(topic);
    assertThat(admin.run("updateBrokerConfig", "-b", brokerAddress(), "-k", "a", "-v", "b"))
        .contains("CODE: 16");
  }

  @Test
  void valuesOfANameServer() {
    String key = clients.name("key");
    assertThat(admin.run("updateKvConfig", "-s", "space", "-k", key, "-v", "value"))
        .contains("success");
    assertThat(admin.run("deleteKvConfig", "-s", "space", "-k", key)).contains("success");
  }

  @Test
  void whatNeedsNoCareHereSucceeds() {
    assertThat(admin.run("cleanExpiredCQ", "-b", brokerAddress())).contains("success");
    assertThat(admin.run("cleanUnusedTopic", "-b", brokerAddress())).contains("success");
    assertThat(admin.run("deleteExpiredCommitLog", "-b", brokerAddress())).contains("success");
  }

  /** As the progress command shows it; -1 if it shows none. */
  private static long offset(String group, String topic) {
    return admin
        .run("consumerProgress", "-g", group, "-t", topic)
        .lines()
        .filter(line -> line.startsWith(topic))
        .map(line -> line.strip().split("\\s+", -1))
        .mapToLong(words -> Long.parseLong(words[4]))
        .findFirst()
        .orElse(-1);
  }

  private static String onlyMember(String group) {
    return admin
        .run("consumerConnection", "-g", group)
        .lines()
        .filter(line -> line.contains("JAVA"))
        .map(line -> line.strip().split("\\s+", -1)[0])
        .findFirst()
        .orElseThrow();
  }

  /** Cluster, broker name and address, as the first command tells them. */
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
