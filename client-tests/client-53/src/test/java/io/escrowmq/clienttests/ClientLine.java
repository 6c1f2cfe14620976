package io.escrowmq.clienttests;

import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;

/** What has another form in the other line of the client. */
final class ClientLine {
  private ClientLine() {}

  static void createTopic(DefaultMQProducer producer, String topic, int queues)
      throws MQClientException {
    producer.createTopic("TBW102", topic, queues, Map.of());
  }

  static void setBroadcasting(DefaultMQPushConsumer consumer) {
    consumer.setMessageModel(MessageModel.BROADCASTING);
  }
}
