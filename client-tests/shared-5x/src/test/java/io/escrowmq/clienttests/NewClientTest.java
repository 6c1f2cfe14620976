package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.compression.CompressionType;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What only the clients 5.x can do and no other class of these tests has. */
final class NewClientTest {
  private static final long SEED = 20_261_123;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void everyCompressionComesBackAsItWas(CompressionType type) throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer producer = new DefaultMQProducer(clients.name("compressing"));
    producer.setCompressType(type);
    clients.start(producer);
    byte[] noise = new byte[100_000];
    new Random(SEED).nextBytes(noise);
    String text = "compress me, ".repeat(10_000);
    producer.send(message(topic, text));
    producer.send(new Message(topic, noise));

    // Several threads consume: either may come first.
    List<MessageExt> received =
        clients.inbox(topic).awaitAtLeast(2).stream()
            .sorted(Comparator.comparingLong(MessageExt::getQueueOffset))
            .toList();

    MessageExt first = received.get(0);
    assertThat(Inbox.body(first)).isEqualTo(text);
    assertThat(first.getStoreSize()).as("bytes on the server").isLessThan(text.length() / 2);
    assertThat(MessageSysFlag.getCompressionType(first.getSysFlag())).isEqualTo(type);
    assertThat(received.get(1).getBody()).as("seed %s", SEED).isEqualTo(noise);
  }

  @Test
  void namespacesOfTheSecondKindAreToldAndChangeNoNames() throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer producer = new DefaultMQProducer(clients.name("in-namespace"));
    producer.setNamespaceV2("tenant");
    clients.start(producer);
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = clients.pushConsumer(clients.name("in-namespace"));
    consumer.setNamespaceV2("tenant");
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);

    SendResult sent = producer.send(message(topic, "m"));

    MessageExt received = inbox.awaitOne();
    assertThat(received.getTopic()).isEqualTo(topic);
    assertThat(received.getMsgId()).isEqualTo(sent.getMsgId());
  }
}
