package io.escrowmq.server;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.storage.MessageProperties;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** Sends through the broker's door, without a network. */
final class SampleSend {

  private SampleSend() {}

  static CompletableFuture<SendReceipt> send(
      BrokerServices door, String topic, String key, String body) {
    return door.sending()
        .send(
            new SendRequest(
                "producers",
                "client-1",
                topic,
                "TBW102",
                4,
                0,
                0,
                0,
                1,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 4321),
                MessageProperties.format(
                    Map.of(
                        MessageProperties.KEYS,
                        key,
                        MessageProperties.UNIQUE_KEY,
                        "unique-" + key)),
                ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)),
                0,
                OptionalInt.empty()))
        .toCompletableFuture();
  }
}
