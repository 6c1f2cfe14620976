package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;

import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.store.RemoteBrokerOffsetStore;
import org.apache.rocketmq.client.impl.MQClientManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Members that get every message and keep on the server how far they are, each under a name of its
 * own, instead of in a file: what the client's {@code setOffsetStore} is for.
 */
final class BroadcastOffsetsTest {
  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void eachMemberGoesOnWhereItWas() throws Exception {
    String topic = clients.topic(2);
    String group = clients.name("all-of-us");
    Inbox first = new Inbox();
    DefaultMQPushConsumer one = member(group, "one", topic, first);
    clients.start(one);
    first.awaitExactly(sent(topic, 0, 10));
    one.shutdown();

    List<String> missed = sent(topic, 10, 15);
    Inbox again = new Inbox();
    clients.start(member(group, "one", topic, again));
    again.awaitExactly(missed);
    Inbox second = new Inbox();
    clients.start(member(group, "two", topic, second));
    second.awaitAtLeast(15);
    List<String> all = new ArrayList<>(first.bodies());
    all.addAll(missed);
    second.awaitExactly(all);
    again.awaitExactly(missed);
  }

  private List<String> sent(String topic, int from, int to) throws Exception {
    List<String> bodies = new ArrayList<>();
    for (int i = from; i < to; i++) {
      clients.producer().send(message(topic, "m" + i));
      bodies.add("m" + i);
    }
    return bodies;
  }

  /** Not started yet. */
  private DefaultMQPushConsumer member(String group, String name, String topic, Inbox inbox)
      throws Exception {
    DefaultMQPushConsumer consumer = clients.pushConsumer(group);
    ClientLine.setBroadcasting(consumer);
    clients.configure(consumer);
    consumer.setOffsetStore(
        new RemoteBrokerOffsetStore(
            MQClientManager.getInstance().getOrCreateMQClientInstance(consumer, null),
            group + "-" + name));
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    return consumer;
  }
}
