package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.numbered;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Consumers that select messages by a SQL92 expression over their properties. */
final class PropertyFilterTest {
  /** SUBSCRIPTION_PARSE_FAILED. */
  private static final int REFUSED = 23;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aPushConsumerGetsExactlyWhatMatches() throws Exception {
    String topic = clients.topic(2);
    Inbox cheap = inbox(topic, "price BETWEEN 1 AND 5 AND region IN ('eu', 'us')");
    Inbox fragile = inbox(topic, "fragile = TRUE OR TAGS = 'glass'");
    Inbox plain = inbox(topic, "price IS NULL AND NOT (region STARTSWITH 'e')");

    send(topic, "eu1", "books", "price", "1", "region", "eu");
    send(topic, "eu6", "books", "price", "6", "region", "eu", "fragile", "true");
    send(topic, "us5", "glass", "price", "5", "region", "us");
    send(topic, "as2", "glass", "price", "2", "region", "as", "fragile", "FALSE");
    send(topic, "eux", "books", "price", "x", "region", "eu", "fragile", "no");
    send(topic, "none", "books", "region", "us");

    cheap.awaitExactly(List.of("eu1", "us5"));
    fragile.awaitExactly(List.of("eu6", "us5", "as2"));
    plain.awaitExactly(List.of("none"));
  }

  @Test
  void messagesThatDoNotMatchHoldNobodyUp() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = inbox(topic, "wanted = 1");
    for (int round = 0; round < 3; round++) {
      for (int batch = 0; batch < 10; batch++) {
        sendUnwanted(topic, 100);
      }
      send(topic, "m" + round, "any", "wanted", "1");
      inbox.awaitAtLeast(round + 1);
    }
    inbox.awaitExactly(numbered("m", 3));
  }

  @Test
  void pullConsumersFilterToo() throws Exception {
    String topic = clients.topic(1);
    for (int i = 0; i < 10; i++) {
      send(topic, "m" + i, "any", "i", Integer.toString(i));
    }
    MessageSelector last = MessageSelector.bySql("i >= 7");
    DefaultLitePullConsumer lite = new DefaultLitePullConsumer(clients.name("group"));
    lite.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    lite.subscribe(topic, last);
    clients.start(lite);
    List<String> polled = new ArrayList<>();
    await()
        .atMost(Inbox.PATIENCE)
        .until(() -> {
          lite.poll(500).forEach(message -> polled.add(Inbox.body(message)));
          return polled.size() >= 3;
        });
    assertThat(polled).containsExactly("m7", "m8", "m9");

    DefaultMQPullConsumer classic =
        clients.start(new DefaultMQPullConsumer(clients.name("group")));
    MessageQueue queue = classic.fetchSubscribeMessageQueues(topic).iterator().next();
    // The client refuses by itself until its first heartbeat told it what the server can do.
    PullResult some =
        await()
            .atMost(Inbox.PATIENCE)
            .ignoreExceptionsInstanceOf(MQClientException.class)
            .until(() -> classic.pull(queue, last, 0, 2), result -> true);
    assertThat(some.getMsgFoundList().stream().map(Inbox::body)).containsExactly("m7", "m8");
    assertThat(some.getNextBeginOffset()).isEqualTo(9);
    PullResult none = classic.pull(queue, MessageSelector.bySql("i > 9"), 0, 32);
    assertThat(none.getPullStatus()).isEqualTo(PullStatus.NO_MATCHED_MSG);
    assertThat(none.getNextBeginOffset()).isEqualTo(10);
  }

  @Test
  void anExpressionThatMeansNothingStopsTheStart() throws Exception {
    MQClientException refused = startWith(clients.topic(1), "price >> 5");
    assertThat(refused.getResponseCode()).isEqualTo(REFUSED);
  }

  @Tag("escrowmq-only")
  @Test
  void theRefusalSaysWhereTheExpressionIsWrong() throws Exception {
    String topic = clients.topic(1);
    assertThat(startWith(topic, "price > 5 AND region != 'eu'").getErrorMessage())
        .isEqualTo(
            "the SQL92 filter of topic "
                + topic
                + " is wrong at column 22, near \"AND region != 'eu'\": the character ! has no"
                + " meaning here. Write <> for 'not equal'.");
    // The original stops reading after the first condition and says nothing.
    assertThat(startWith(topic, "name LIKE 'x%'").getErrorMessage())
        .contains("column 6")
        .contains("Write CONTAINS, STARTSWITH or ENDSWITH");
  }

  @Test
  void aConsumerMayChangeItsExpression() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = consumer(topic, "a = 1", inbox);
    send(topic, "first", "any", "a", "1");
    send(topic, "not yet", "any", "a", "2");
    inbox.awaitExactly(List.of("first"));

    consumer.subscribe(topic, MessageSelector.bySql("a = 2"));
    List<String> wanted = new ArrayList<>(List.of("first"));
    // The server hears of it with the next heartbeat: until then it may skip what comes.
    await()
        .atMost(Inbox.PATIENCE)
        .until(() -> {
          send(topic, "probe", "any", "a", "2");
          return inbox.bodies().contains("probe");
        });
    send(topic, "no longer", "any", "a", "1");
    send(topic, "second", "any", "a", "2");

    wanted.add("second");
    await()
        .atMost(Inbox.PATIENCE)
        .untilAsserted(() ->
            assertThat(inbox.bodies().stream().filter(body -> !body.equals("probe")))
                .containsExactlyElementsOf(wanted));
  }

  @Test
  void aMessageThatWasTakenComesBackForAnotherAttempt() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = new Inbox();
    AtomicInteger failures = new AtomicInteger(1);
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.subscribe(topic, MessageSelector.bySql("a = 1"));
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              if (failures.getAndDecrement() > 0) {
                context.setDelayLevelWhenNextConsume(1);
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
              }
              return inbox.consumeMessage(messages, context);
            });
    clients.start(consumer);

    send(topic, "again", "any", "a", "1");

    assertThat(inbox.awaitOne().getReconsumeTimes()).isEqualTo(1);
  }

  private Inbox inbox(String topic, String expression) throws MQClientException {
    Inbox inbox = new Inbox();
    consumer(topic, expression, inbox);
    return inbox;
  }

  private DefaultMQPushConsumer consumer(String topic, String expression, Inbox inbox)
      throws MQClientException {
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.subscribe(topic, MessageSelector.bySql(expression));
    consumer.registerMessageListener(inbox);
    return clients.start(consumer);
  }

  private MQClientException startWith(String topic, String expression) throws MQClientException {
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("group"));
    consumer.subscribe(topic, MessageSelector.bySql(expression));
    consumer.registerMessageListener(new Inbox());
    try {
      MQClientException refused =
          catchThrowableOfType(MQClientException.class, () -> clients.start(consumer));
      assertThat(refused).as("a refusal of " + expression).isNotNull();
      return refused;
    } finally {
      consumer.shutdown();
    }
  }

  private void send(String topic, String body, String tag, String... properties) throws Exception {
    Message message = new Message(topic, tag, body.getBytes(UTF_8));
    for (int i = 0; i < properties.length; i += 2) {
      message.putUserProperty(properties[i], properties[i + 1]);
    }
    clients.producer().send(message);
  }

  private void sendUnwanted(String topic, int count) throws Exception {
    List<Message> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Message message = new Message(topic, "unwanted".getBytes(UTF_8));
      message.putUserProperty("wanted", "0");
      batch.add(message);
    }
    clients.producer().send(batch);
  }
}
