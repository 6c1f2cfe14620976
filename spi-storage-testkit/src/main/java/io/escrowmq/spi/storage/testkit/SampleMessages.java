package io.escrowmq.spi.storage.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** Messages for tests. */
public final class SampleMessages {

  private static final InetSocketAddress PRODUCER =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 40_000);
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 10_911);

  private SampleMessages() {}

  /** A message with this text as its body. */
  public static Message message(QueueId queue, String text) {
    return builder(queue, text).build();
  }

  /** A message that is found by keys and a unique id; an empty text leaves the property out. */
  public static Message indexed(QueueId queue, String text, String keys, String uniqueId) {
    Map<String, String> properties = new LinkedHashMap<>();
    if (!keys.isEmpty()) {
      properties.put(MessageProperties.KEYS, keys);
    }
    if (!uniqueId.isEmpty()) {
      properties.put(MessageProperties.UNIQUE_KEY, uniqueId);
    }
    return builder(queue, text).propertiesText(MessageProperties.format(properties)).build();
  }

  /** A message with a body of this many bytes, whose content depends on the size only. */
  public static Message sized(QueueId queue, int bodyBytes) {
    byte[] body = new byte[bodyBytes];
    for (int i = 0; i < bodyBytes; i++) {
      body[i] = (byte) (i * 31 + bodyBytes);
    }
    return builder(queue, "").body(body).build();
  }

  /** A builder with everything but the properties set. */
  public static MessageBuilder builder(QueueId queue, String text) {
    return new MessageBuilder()
        .queue(queue)
        .flag(7)
        .bornTimeMs(ManualTimeSource.START_MS - 5)
        .bornHost(PRODUCER)
        .storeHost(SERVER)
        .body(text.getBytes(UTF_8));
  }

  /** The body as text. */
  public static String textOf(Message message) {
    return UTF_8.decode(message.body()).toString();
  }

  /** The message without what engines stamp, for comparing what was sent with what is read. */
  public static Message unstamped(Message message) {
    return message.stamped(0, 0, 0);
  }
}
