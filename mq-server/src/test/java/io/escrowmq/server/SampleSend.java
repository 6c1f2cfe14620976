package io.escrowmq.server;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.storage.MessageProperties;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** Sends through the broker's door, without a network. */
final class SampleSend {

  private SampleSend() {}

  static CompletableFuture<SendReceipt> send(
      BrokerServices door, String topic, String key, String body) {
    return send(door, "producers", topic, body, properties(key));
  }

  /** Holds a half message of the group {@code producers}; its unique key is unique-KEY. */
  static String half(BrokerServices door, String topic, String key) {
    return half(door, "producers", topic, key);
  }

  /** Holds a half message; its unique key is unique-KEY. */
  static String half(BrokerServices door, String group, String topic, String key) {
    Map<String, String> properties = new HashMap<>(properties(key));
    properties.put(MessageProperties.TRANSACTION, "true");
    SendReceipt receipt = send(door, group, topic, "half of " + key, properties).join();
    return HexFormat.of().toHexDigits(receipt.positions().getFirst())
        + HexFormat.of().toHexDigits(receipt.queueOffset());
  }

  /** What the producer itself says. */
  static void end(BrokerServices door, String handle, TransactionServices.Decision decision) {
    door.sending()
        .transactions()
        .end(
            new TransactionServices.EndRequest(
                new TransactionHandle(
                    HexFormat.fromHexDigitsToLong(handle, 16, 32),
                    HexFormat.fromHexDigitsToLong(handle, 0, 16)),
                "producers",
                "client-1",
                "",
                decision,
                false))
        .toCompletableFuture()
        .join();
  }

  private static Map<String, String> properties(String key) {
    return Map.of(MessageProperties.KEYS, key, MessageProperties.UNIQUE_KEY, "unique-" + key);
  }

  private static CompletableFuture<SendReceipt> send(
      BrokerServices door,
      String group,
      String topic,
      String body,
      Map<String, String> properties) {
    return door.sending()
        .send(
            new SendRequest(
                group,
                "client-1",
                topic,
                "TBW102",
                4,
                0,
                0,
                0,
                1,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 4321),
                MessageProperties.format(properties),
                ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)),
                0,
                OptionalInt.empty()))
        .toCompletableFuture();
  }
}
