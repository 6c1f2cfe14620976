package io.escrowmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.storage.MessageProperties;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Builds send requests as a remoting client would. */
final class Requests {

  static final InetSocketAddress PRODUCER_HOST =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 40_000);
  static final long BORN_MS = 1_600_000_000_000L;

  private String group = "producers";
  private String clientId = "";
  private final String topic;
  private String template = "TBW102";
  private int queue;
  private int systemFlag;
  private final Map<String, String> properties = new LinkedHashMap<>();
  private String body = "";
  private int reconsumeTimes;
  private OptionalInt maxReconsumeTimes = OptionalInt.empty();

  private Requests(String topic) {
    this.topic = topic;
  }

  static Requests to(String topic) {
    return new Requests(topic);
  }

  Requests group(String value) {
    group = value;
    return this;
  }

  Requests clientId(String value) {
    clientId = value;
    return this;
  }

  Requests template(String value) {
    template = value;
    return this;
  }

  Requests queue(int value) {
    queue = value;
    return this;
  }

  Requests systemFlag(int value) {
    systemFlag = value;
    return this;
  }

  Requests property(String name, String value) {
    properties.put(name, value);
    return this;
  }

  Requests key(String uniqueKey) {
    return property(MessageProperties.UNIQUE_KEY, uniqueKey);
  }

  Requests body(String value) {
    body = value;
    return this;
  }

  Requests reconsumed(int times, int max) {
    reconsumeTimes = times;
    maxReconsumeTimes = OptionalInt.of(max);
    return this;
  }

  SendRequest build() {
    return new SendRequest(
        group,
        clientId,
        topic,
        template,
        4,
        queue,
        7,
        systemFlag,
        BORN_MS,
        PRODUCER_HOST,
        MessageProperties.format(properties),
        ByteBuffer.wrap(body.getBytes(UTF_8)),
        reconsumeTimes,
        maxReconsumeTimes);
  }

  BatchSendRequest batchOf(String... bodies) {
    return new BatchSendRequest(
        build(),
        Arrays.stream(bodies)
            .map(text ->
                new BatchSendRequest.Entry(
                    3, MessageProperties.format(properties), ByteBuffer.wrap(text.getBytes(UTF_8))))
            .toList());
  }
}
