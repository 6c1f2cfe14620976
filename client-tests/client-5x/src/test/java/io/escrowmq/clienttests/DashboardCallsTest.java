package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.admin.ConsumeStats;
import org.apache.rocketmq.remoting.protocol.body.AclInfo;
import org.apache.rocketmq.remoting.protocol.body.CMResult;
import org.apache.rocketmq.remoting.protocol.body.ConsumerConnection;
import org.apache.rocketmq.remoting.protocol.body.UserInfo;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.apache.rocketmq.tools.admin.api.MessageTrack;
import org.apache.rocketmq.tools.admin.api.TrackType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What the pages of rocketmq-dashboard 2.1 ask a cluster for, call by call (its services {@code
 * *ServiceImpl}), with the same official library. The dashboard itself is not in the public
 * repositories of artifacts.
 */
final class DashboardCallsTest {
  private static final int TIMEOUT_MS = 20_000;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  private static DefaultMQAdminExt admin;
  private static String broker;
  private static String address;

  @BeforeAll
  static void start() throws Exception {
    admin = new DefaultMQAdminExt(TIMEOUT_MS);
    admin.setNamesrvAddr(SERVER.nameServer());
    admin.setInstanceName("dashboard-calls");
    admin.start();
    var first = admin.examineBrokerClusterInfo().getBrokerAddrTable().values().iterator().next();
    broker = first.getBrokerName();
    address = first.selectBrokerAddr();
  }

  @AfterAll
  static void stop() {
    admin.shutdown();
  }

  @Test
  void clusterPage() throws Exception {
    var cluster = admin.examineBrokerClusterInfo();
    assertThat(cluster.getClusterAddrTable().values())
        .anySatisfy(it -> assertThat(it).contains(broker));
    assertThat(cluster.getBrokerAddrTable().get(broker).getBrokerAddrs())
        .containsEntry(0L, address);
    Map<String, String> figures = admin.fetchBrokerRuntimeStats(address).getTable();
    for (String rates : List.of("putTps", "getTotalTps", "getTransferredTps")) {
      assertThat(figures.get(rates).split(" ", -1))
          .as(rates)
          .hasSize(3)
          .allSatisfy(rate -> assertThat(Double.parseDouble(rate)).isNotNegative());
    }
    for (String number :
        List.of(
            "msgPutTotalYesterdayMorning",
            "msgPutTotalTodayMorning",
            "msgPutTotalTodayNow",
            "msgGetTotalYesterdayMorning",
            "msgGetTotalTodayMorning",
            "msgGetTotalTodayNow",
            "bootTimestamp")) {
      assertThat(figures.get(number)).as(number).matches("\\d+");
    }
    assertThat(figures.get("brokerVersionDesc")).isNotEmpty();
    assertThat(admin.getBrokerConfig(address)).containsEntry("brokerName", broker);
  }

  @Test
  void topicPage() throws Exception {
    TopicConfig config = new TopicConfig(clients.name("from-the-page"), 3, 3, 6);
    config.setAttributes(Map.of("+message.type", "DELAY"));
    admin.createAndUpdateTopicConfig(address, config);
    String topic = config.getTopicName();

    assertThat(admin.fetchAllTopicList().getTopicList()).contains(topic);
    Set<String> system =
        clients
            .producer()
            .getDefaultMQProducerImpl()
            .getMqClientFactory()
            .getMQClientAPIImpl()
            .getSystemTopicList(TIMEOUT_MS)
            .getTopicList();
    assertThat(system).contains("SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRACE_TOPIC").doesNotContain(topic);
    TopicConfig listed =
        admin.getAllTopicConfig(address, TIMEOUT_MS).getTopicConfigTable().get(topic);
    assertThat(listed.getAttributes()).containsEntry("message.type", "DELAY");
    TopicConfig one = admin.examineTopicConfig(address, topic);
    assertThat(one.getWriteQueueNums()).isEqualTo(3);
    assertThat(one.getAttributes()).containsEntry("message.type", "DELAY");
    assertThat(admin.examineTopicRouteInfo(topic).getQueueDatas().get(0).getReadQueueNums())
        .isEqualTo(3);
    assertThat(admin.examineTopicStats(topic).getOffsetTable().keySet())
        .hasSize(3)
        .contains(new MessageQueue(topic, broker, 2));
    assertThat(admin.queryTopicConsumeByWho(topic).getGroupList()).isEmpty();

    admin.deleteTopicInBroker(Set.of(address), topic);
    admin.deleteTopicInNameServer(Set.of(SERVER.nameServer()), topic);
    assertThat(admin.fetchAllTopicList().getTopicList()).doesNotContain(topic);
  }

  private String group(String name, int retries) throws Exception {
    SubscriptionGroupConfig config = new SubscriptionGroupConfig();
    config.setGroupName(clients.name(name));
    config.setRetryMaxTimes(retries);
    admin.createAndUpdateSubscriptionGroupConfig(address, config);
    return config.getGroupName();
  }

  @Test
  void groupPage() throws Exception {
    String topic = clients.topic(2);
    String group = group("watched", 7);
    assertThat(
            admin
                .getAllSubscriptionGroup(address, TIMEOUT_MS)
                .getSubscriptionGroupTable()
                .get(group)
                .getRetryMaxTimes())
        .isEqualTo(7);
    Inbox inbox = clients.inbox(group, topic, "*");
    sendToEach(topic);
    inbox.awaitAtLeast(2);

    awaitNoBacklog(group, topic);
    assertThat(admin.examineConsumeStats(group).computeTotalDiff()).isZero();
    assertThat(admin.examineConsumeStats(address, group, null, TIMEOUT_MS).getOffsetTable())
        .containsKey(new MessageQueue(topic, broker, 1));
    ConsumerConnection members = admin.examineConsumerConnectionInfo(group, address);
    assertThat(members.getMessageModel()).isEqualTo(MessageModel.CLUSTERING);
    assertThat(members.getSubscriptionTable()).containsKey(topic);
    String member = members.getConnectionSet().iterator().next().getClientId();
    assertThat(admin.getConsumerRunningInfo(group, member, false).getMqTable().keySet())
        .contains(new MessageQueue(topic, broker, 0), new MessageQueue(topic, broker, 1));
    assertThat(admin.getConsumerRunningInfo(group, member, true).getJstack())
        .contains("ConsumeMessageThread");
    assertThat(admin.queryTopicConsumeByWho(topic).getGroupList()).containsExactly(group);

    assertThat(admin.resetOffsetByTimestamp(topic, group, 0, true))
        .containsEntry(new MessageQueue(topic, broker, 0), 0L);
    inbox.awaitAtLeast(4);
  }

  @Test
  void groupPageOfAGroupWithoutMembers() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("gone");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    sendToEach(topic);
    inbox.awaitAtLeast(1);
    awaitNoBacklog(group, topic);
    consumer.shutdown();
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(codeOf(() -> admin.examineConsumerConnectionInfo(group))).isEqualTo(206));

    resetAsThePageDoes(topic, group);
    assertThat(admin.examineConsumeStats(group, topic).computeTotalDiff()).isEqualTo(1);

    admin.deleteSubscriptionGroup(address, group, true);
    // Also the topic for dead letters, which was never made.
    for (String topicOfGroup : List.of("%RETRY%" + group, "%DLQ%" + group)) {
      admin.deleteTopicInBroker(Set.of(address), topicOfGroup);
      admin.deleteTopicInNameServer(Set.of(SERVER.nameServer()), topicOfGroup);
    }
    assertThat(admin.getAllSubscriptionGroup(address, TIMEOUT_MS).getSubscriptionGroupTable())
        .doesNotContainKey(group);
    assertThat(admin.fetchAllTopicList().getTopicList()).doesNotContain("%RETRY%" + group);
  }

  /** First as for a group with members, and if that says that it has none, the other way. */
  private static void resetAsThePageDoes(String topic, String group) throws Exception {
    try {
      admin.resetOffsetByTimestamp(topic, group, 0, true);
    } catch (MQClientException e) {
      assertThat(e.getResponseCode()).isEqualTo(206);
      admin.resetOffsetByTimestampOld(group, topic, 0, true);
    }
  }

  @Test
  void messagePage() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("reader");
    Inbox inbox = clients.inbox(group, topic, "*");
    Message message = message(topic, "find me");
    message.setKeys("the-key-" + topic);
    SendResult sent = clients.producer().send(message);
    clients.producer().send(message(topic, "another"));
    inbox.awaitAtLeast(2);
    awaitNoBacklog(group, topic);

    for (String id : List.of(sent.getMsgId(), sent.getOffsetMsgId())) {
      MessageExt found = admin.viewMessage(topic, id);
      assertThat(Inbox.body(found)).isEqualTo("find me");
      assertThat(admin.messageTrackDetail(found))
          .extracting(MessageTrack::getConsumerGroup, MessageTrack::getTrackType)
          .containsExactly(tuple(group, TrackType.CONSUMED));
    }
    assertThat(
            admin.queryMessage(topic, "the-key-" + topic, 64, 0, Long.MAX_VALUE).getMessageList())
        .extracting(Inbox::body)
        .containsExactly("find me");
    assertThat(between(topic, 0, Long.MAX_VALUE)).containsExactly("find me", "another");

    String member =
        admin
            .examineConsumerConnectionInfo(group)
            .getConnectionSet()
            .iterator()
            .next()
            .getClientId();
    assertThat(
            admin.consumeMessageDirectly(group, member, topic, sent.getMsgId()).getConsumeResult())
        .isEqualTo(CMResult.CR_SUCCESS);
    inbox.awaitAtLeast(3);
    assertThat(
            admin
                .examineProducerConnectionInfo(clients.producer().getProducerGroup(), topic)
                .getConnectionSet())
        .hasSize(1);
  }

  /** What the page shows of a time: between two offsets that are looked up, page by page. */
  private List<String> between(String topic, long beginMs, long endMs) throws Exception {
    DefaultMQPullConsumer puller = new DefaultMQPullConsumer("TOOLS_CONSUMER");
    clients.start(puller);
    List<String> bodies = new ArrayList<>();
    for (MessageQueue queue : puller.fetchSubscribeMessageQueues(topic)) {
      long end = puller.searchOffset(queue, endMs);
      PullResult page = null;
      for (long at = puller.searchOffset(queue, beginMs);
          at <= end;
          at = page.getNextBeginOffset()) {
        page = puller.pull(queue, "*", at, 1);
        if (page.getPullStatus() != PullStatus.FOUND) {
          break;
        }
        page.getMsgFoundList().forEach(found -> bodies.add(Inbox.body(found)));
      }
    }
    return bodies;
  }

  @Test
  void deadLetterPage() throws Exception {
    String topic = clients.topic(1);
    String group = group("failing", 0);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    consumer.setMaxReconsumeTimes(0);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              inbox.consumeMessage(messages, null);
              return inbox.bodies().size() < 2
                  ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                  : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    clients.start(consumer);
    assertThat(codeOf(() -> admin.examineTopicRouteInfo("%DLQ%" + group)))
        .as("what the page takes for: none yet")
        .isEqualTo(17);
    clients.producer().send(message(topic, "poison"));

    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptionsInstanceOf(MQClientException.class)
        .until(() -> between("%DLQ%" + group, 0, Long.MAX_VALUE).equals(List.of("poison")));
    String member =
        admin
            .examineConsumerConnectionInfo(group)
            .getConnectionSet()
            .iterator()
            .next()
            .getClientId();
    assertThat(
            admin
                .consumeMessageDirectly(
                    group, member, "%DLQ%" + group, inbox.messages().get(0).getMsgId())
                .getConsumeResult())
        .isEqualTo(CMResult.CR_SUCCESS);
    assertThat(inbox.bodies()).containsExactly("poison", "poison");
  }

  @Test
  void figuresOfTheFirstPage() throws Exception {
    String topic = clients.topic(1);
    String group = clients.name("counted");
    Inbox inbox = clients.inbox(group, topic, "*");
    sendToEach(topic);
    inbox.awaitAtLeast(1);

    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptionsInstanceOf(MQClientException.class)
        .until(() ->
            admin.viewBrokerStatsData(address, "TOPIC_PUT_NUMS", topic).getStatsDay().getSum() == 1
                && admin
                        .viewBrokerStatsData(address, "GROUP_GET_NUMS", topic + "@" + group)
                        .getStatsDay()
                        .getSum()
                    == 1);
  }

  @Test
  void accessPage() throws Exception {
    String user = clients.name("user");
    UserInfo info = UserInfo.of(user, "its-secret", "Normal");
    admin.createUser(address, info);
    assertThat(admin.listUser(address, "")).extracting(UserInfo::getUsername).contains(user);
    info.setUserStatus("disable");
    admin.updateUser(address, info);
    assertThat(admin.getUser(address, user).getUserStatus()).isEqualTo("disable");

    String subject = "User:" + user;
    AclInfo acl =
        AclInfo.of(
            subject, List.of("Topic:page-*"), List.of("Pub", "Sub"), List.of("10.0.0.1"), "Allow");
    admin.createAcl(address, acl);
    assertThat(subjects(admin.listAcl(address, "", ""))).contains(subject);
    assertThat(subjects(admin.listAcl(address, user, ""))).contains(subject);
    assertThat(subjects(admin.listAcl(address, "", "page-"))).contains(subject);
    assertThat(subjects(admin.listAcl(address, "nobody-has-this", ""))).isEmpty();
    acl.getPolicies().get(0).getEntries().get(0).setActions(List.of("Sub"));
    admin.updateAcl(address, acl);
    assertThat(admin.getAcl(address, subject).getPolicies().get(0).getEntries().get(0).getActions())
        .containsExactly("Sub");
    admin.deleteAcl(address, subject, "Topic:page-*");
    assertThat(subjects(admin.listAcl(address, "", ""))).doesNotContain(subject);
    admin.deleteUser(address, user);
    assertThat(admin.listUser(address, "")).extracting(UserInfo::getUsername).doesNotContain(user);
  }

  private static Set<String> subjects(List<AclInfo> lists) {
    Set<String> subjects = new TreeSet<>();
    if (lists != null) {
      lists.forEach(list -> subjects.add(list.getSubject()));
    }
    return subjects;
  }

  /** One message into each queue. */
  private void sendToEach(String topic) throws Exception {
    for (MessageQueue queue : clients.producer().fetchPublishMessageQueues(topic)) {
      clients.producer().send(message(topic, "to queue " + queue.getQueueId()), queue);
    }
  }

  private static void awaitNoBacklog(String group, String topic) {
    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptionsInstanceOf(MQClientException.class)
        .until(() -> {
          ConsumeStats stats = admin.examineConsumeStats(group, topic);
          return !stats.getOffsetTable().isEmpty() && stats.computeTotalDiff() == 0;
        });
  }

  private interface Call {
    Object run() throws Exception;
  }

  /** The code with which a call is refused; -1 if it is not. */
  private static int codeOf(Call call) throws Exception {
    try {
      call.run();
      return -1;
    } catch (MQClientException e) {
      return e.getResponseCode();
    } catch (MQBrokerException e) {
      return e.getResponseCode();
    }
  }
}
