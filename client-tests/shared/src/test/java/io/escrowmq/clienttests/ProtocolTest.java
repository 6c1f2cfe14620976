package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.netty.NettyRequestProcessor;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What no method of the client shows but every client relies on. */
final class ProtocolTest {
  private static final int GET_MAX_OFFSET = 30;
  private static final int SEND_MESSAGE_V2 = 310;
  private static final int GET_ROUTE = 105;
  private static final int NOT_SUPPORTED = 3;
  private static final int TOPIC_NOT_EXIST = 17;

  /** The least version that lets a 4.x client use filters: its ordinal of 4.1.0. */
  private static final int V4_1_0 = 232;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void everyAnswerSaysTheVersionOfTheServer() throws Exception {
    String topic = clients.topic(1);
    Remoting remoting = Remoting.toBrokerOf(topic, clients.producer());

    RemotingCommand good = remoting.call(GET_MAX_OFFSET, Map.of("topic", topic, "queueId", 0));
    RemotingCommand bad = remoting.call(Remoting.UNREGISTERED_CODE, Map.of());

    assertThat(good.getCode()).isZero();
    assertThat(good.getVersion()).isGreaterThanOrEqualTo(V4_1_0);
    assertThat(bad.getVersion()).isGreaterThanOrEqualTo(V4_1_0);
  }

  @Test
  void anUnknownRequestIsRefusedAndTheConnectionGoesOn() throws Exception {
    String topic = clients.topic(1);
    Remoting remoting = Remoting.toBrokerOf(topic, clients.producer());

    RemotingCommand answer = remoting.call(Remoting.UNREGISTERED_CODE, Map.of());

    assertThat(answer.getCode()).isEqualTo(NOT_SUPPORTED);
    assertThat(answer.getRemark()).isNotBlank();
    assertThat(remoting.call(GET_MAX_OFFSET, Map.of("topic", topic, "queueId", 0)).getCode())
        .isZero();
  }

  @Test
  void theRouteOfATopicThatDoesNotExistIsNotFound() throws Exception {
    DefaultMQProducer producer = clients.producer();
    RemotingCommand request = RemotingCommand.createRequestCommand(GET_ROUTE, null);
    request.addExtField("topic", clients.name("nowhere"));

    RemotingCommand answer =
        Remoting.toBrokerOf(clients.topic(1), producer)
            .client()
            .invokeSync(SERVER.nameServer(), request, 20_000);

    assertThat(answer.getCode()).isEqualTo(TOPIC_NOT_EXIST);
    assertThat(answer.getRemark()).isNotBlank();
  }

  @Test
  void aBadTopicNameThatPassedTheClientIsRefusedByTheServer() throws Exception {
    String topic = clients.topic(1);

    RemotingCommand answer =
        Remoting.toBrokerOf(topic, clients.producer())
            .call(
                SEND_MESSAGE_V2,
                Map.of(
                    "a",
                    "group",
                    "b",
                    "no blanks allowed",
                    "c",
                    "TBW102",
                    "d",
                    4,
                    "e",
                    0,
                    "f",
                    0,
                    "g",
                    1,
                    "h",
                    0));

    assertThat(answer.getCode()).isNotZero();
    assertThat(answer.getRemark()).isNotBlank();
  }

  @Test
  @Tag("escrowmq-only")
  void aMissingFieldIsRefusedWithItsName() throws Exception {
    String topic = clients.topic(1);

    RemotingCommand answer =
        Remoting.toBrokerOf(topic, clients.producer()).call(GET_MAX_OFFSET, Map.of("queueId", 0));

    assertThat(answer.getCode()).isNotZero();
    assertThat(answer.getRemark()).contains("topic");
  }

  @Test
  void membersOfAGroupAreToldAtOnceWhenOneComesOrGoes() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("group");
    DefaultMQPushConsumer first = clients.pushConsumer(group);
    first.subscribe(topic, "*");
    first.registerMessageListener(new Inbox());
    clients.start(first);
    List<String> notices = new CopyOnWriteArrayList<>();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      listenForChanges(first, notices, thread);
      DefaultMQPushConsumer second = clients.pushConsumer(group);
      second.subscribe(topic, "*");
      second.registerMessageListener(new Inbox());

      clients.start(second);
      await().atMost(Inbox.PATIENCE).untilAsserted(() -> assertThat(notices).contains(group));
      assertThat(members(topic, group))
          .contains(first.buildMQClientId())
          .contains(second.buildMQClientId());

      notices.clear();
      second.shutdown();
      await().atMost(Inbox.PATIENCE).untilAsserted(() -> assertThat(notices).contains(group));
      assertThat(members(topic, group))
          .contains(first.buildMQClientId())
          .doesNotContain(second.buildMQClientId());
    } finally {
      thread.shutdown();
    }
  }

  private static void listenForChanges(
      DefaultMQPushConsumer consumer, List<String> notices, ExecutorService thread) {
    NettyRequestProcessor listener =
        new NettyRequestProcessor() {
          @Override
          public RemotingCommand processRequest(
              io.netty.channel.ChannelHandlerContext context, RemotingCommand request) {
            notices.add(request.getExtFields().get("consumerGroup"));
            return null;
          }

          @Override
          public boolean rejectRequest() {
            return false;
          }
        };
    int notifyConsumerIdsChanged = 40;
    consumer
        .getDefaultMQPushConsumerImpl()
        .getmQClientFactory()
        .getMQClientAPIImpl()
        .getRemotingClient()
        .registerProcessor(notifyConsumerIdsChanged, listener, thread);
  }

  private String members(String topic, String group) throws Exception {
    RemotingCommand answer =
        Remoting.toBrokerOf(topic, clients.producer())
            .call(Remoting.GET_CONSUMER_LIST, Map.of("consumerGroup", group));
    return new String(answer.getBody(), UTF_8);
  }

  @Test
  void aHalfSendIsAnsweredLikeASend() throws Exception {
    String topic = clients.topic(1);

    HalfMessage half = HalfMessage.send(clients.producer(), message(topic, "half"));

    assertThat(half.result().getTransactionId()).isEqualTo(half.result().getMsgId());
    assertThat(half.result().getOffsetMsgId()).hasSize(32);
  }
}
