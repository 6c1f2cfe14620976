package io.escrowmq.node;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.storage.MessageProperties;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** Sends through the broker's door, without a network. */
final class SampleSend {

  static final String TOPIC = "sample";
  static final String GROUP = "producers";

  private SampleSend() {}

  static CompletableFuture<SendReceipt> send(BrokerServices door) {
    return send(door, 0, Map.of(), new byte[] {1, 2, 3});
  }

  static CompletableFuture<SendReceipt> send(
      BrokerServices door, int queue, Map<String, String> properties, byte[] body) {
    return door.sending()
        .send(
            new SendRequest(
                GROUP,
                "client-1",
                TOPIC,
                "TBW102",
                4,
                queue,
                0,
                0,
                1,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 4321),
                MessageProperties.format(properties),
                ByteBuffer.wrap(body),
                0,
                OptionalInt.empty()))
        .toCompletableFuture();
  }
}
