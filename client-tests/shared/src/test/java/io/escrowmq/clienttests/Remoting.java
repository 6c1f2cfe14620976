package io.escrowmq.clienttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.RemotingClient;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/**
 * Requests that no method of the client sends, or that it sends without waiting for the answer,
 * over the client's own connection. Codes and fields: Apache RocketMQ remoting protocol.
 */
final class Remoting {
  static final int QUERY_CONSUMER_OFFSET = 14;
  static final int UPDATE_CONSUMER_OFFSET = 15;
  static final int GET_CONSUMER_LIST = 38;
  static final int END_TRANSACTION = 37;
  static final int UNREGISTERED_CODE = 9_999;

  static final int COMMIT = 8;
  static final int ROLLBACK = 12;

  private static final long TIMEOUT_MS = 20_000;

  private final RemotingClient client;
  private final String address;

  private Remoting(RemotingClient client, String address) {
    this.client = client;
    this.address = address;
  }

  /** Talks to the broker that has this topic. */
  static Remoting toBrokerOf(String topic, DefaultMQProducer producer) throws Exception {
    String broker = producer.fetchPublishMessageQueues(topic).get(0).getBrokerName();
    var instance = producer.getDefaultMQProducerImpl().getMqClientFactory();
    instance.updateTopicRouteInfoFromNameServer(topic);
    String address = instance.findBrokerAddressInPublish(broker);
    assertThat(address).as("address of broker %s", broker).isNotNull();
    return new Remoting(instance.getMQClientAPIImpl().getRemotingClient(), address);
  }

  /** Sends a request and waits for the answer. */
  RemotingCommand call(int code, Map<String, ?> fields) throws Exception {
    return call(code, fields, "");
  }

  /** The same with a body. */
  RemotingCommand call(int code, Map<String, ?> fields, String body) throws Exception {
    RemotingCommand request = RemotingCommand.createRequestCommand(code, null);
    request.setBody(body.getBytes(StandardCharsets.UTF_8));
    fields.forEach((name, value) -> request.addExtField(name, String.valueOf(value)));
    return client.invokeSync(address, request, TIMEOUT_MS);
  }

  RemotingClient client() {
    return client;
  }
}
