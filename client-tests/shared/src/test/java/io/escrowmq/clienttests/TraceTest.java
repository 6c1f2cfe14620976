package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients that tell what became of a message: records in a topic, found by the message's id. A record
 * is text, its first field says of what.
 */
final class TraceTest {
  private static final String TRACE_TOPIC = "RMQ_SYS_TRACE_TOPIC";
  private static final char FIELD_END = '\u0001';
  private static final char RECORD_END = '\u0002';

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void sendsAndConsumptionAreTraced() throws Exception {
    String topic = clients.topic(1);
    String producers = clients.name("traced");
    DefaultMQProducer producer = new DefaultMQProducer(producers, true, null);
    clients.start(producer);
    String group = clients.name("traced-group");
    Inbox inbox = new Inbox();
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group, true, null);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(inbox);
    clients.start(consumer);
    SendResult sent = producer.send(message(topic, "m"));
    inbox.awaitOne();

    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptionsInstanceOf(MQClientException.class)
        .untilAsserted(() ->
            assertThat(records(sent.getMsgId()))
                .anySatisfy(
                    fields ->
                        assertThat(fields)
                            .startsWith("Pub")
                            .contains(producers, topic, sent.getMsgId(), sent.getOffsetMsgId()))
                .anySatisfy(
                    fields ->
                        assertThat(fields)
                            .startsWith("SubBefore")
                            .contains(group, sent.getMsgId()))
                .anySatisfy(
                    fields ->
                        assertThat(fields).startsWith("SubAfter").contains(sent.getMsgId())));
  }

  /** The fields of each record about a message. */
  private List<List<String>> records(String id) throws Exception {
    return clients
        .producer()
        .queryMessage(TRACE_TOPIC, id, 64, 0, Long.MAX_VALUE)
        .getMessageList()
        .stream()
        .map(Inbox::body)
        .flatMap(text -> List.of(text.split(String.valueOf(RECORD_END), -1)).stream())
        .filter(record -> record.contains(id))
        .map(record -> List.of(record.split(String.valueOf(FIELD_END), -1)))
        .toList();
  }
}
