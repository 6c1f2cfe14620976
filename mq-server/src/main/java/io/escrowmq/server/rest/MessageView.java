package io.escrowmq.server.rest;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A message as JSON.
 *
 * @param uniqueId what the producer calls it; empty if it has none
 * @param body text, or base64 if it is compressed or not UTF-8
 * @param bodyEncoding {@code utf-8} or {@code base64}
 */
record MessageView(
    String topic,
    int queue,
    long offset,
    long position,
    String uniqueId,
    String tags,
    List<String> keys,
    Instant bornAt,
    String bornHost,
    Instant storedAt,
    int reconsumeTimes,
    Map<String, String> properties,
    int bodyBytes,
    String bodyEncoding,
    String body) {

  static MessageView of(Message message) {
    boolean compressed = (message.systemFlag() & MessageFormat.FLAG_COMPRESSED) != 0;
    String text = compressed ? null : utf8(message.body());
    return new MessageView(
        message.topic(),
        message.queue(),
        message.queueOffset(),
        message.position(),
        message.uniqueKey().orElse(""),
        message.tags().orElse(""),
        message.keys(),
        Instant.ofEpochMilli(message.bornTimeMs()),
        message.bornHost().getHostString(),
        Instant.ofEpochMilli(message.storeTimeMs()),
        message.reconsumeTimes(),
        MessageProperties.parse(message.propertiesText()),
        message.bodyLength(),
        text == null ? "base64" : "utf-8",
        text == null ? base64(message.body()) : text);
  }

  private static @org.jspecify.annotations.Nullable String utf8(ByteBuffer body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(body).toString();
    } catch (CharacterCodingException e) {
      return null; // not text
    }
  }

  private static String base64(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }
}
