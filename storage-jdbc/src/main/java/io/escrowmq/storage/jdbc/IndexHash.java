package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageProperties;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a message is found by: the first 8 bytes of SHA-256 over topic, field and value, separated
 * by zero bytes. Two texts with one hash cost a look at one message too many, never a wrong answer.
 */
final class IndexHash {

  private IndexHash() {}

  static long of(String topic, Field field, String value) {
    String text = topic + '\0' + (field == Field.KEY ? "key" : "unique") + '\0' + value;
    return ByteBuffer.wrap(sha256().digest(text.getBytes(StandardCharsets.UTF_8))).getLong();
  }

  /** The hashes of everything by which a message with these properties is found. */
  static Set<Long> all(String topic, Map<String, String> properties) {
    Set<Long> hashes = new LinkedHashSet<>();
    for (String key : properties.getOrDefault(MessageProperties.KEYS, "").split(" ", -1)) {
      if (!key.isEmpty()) {
        hashes.add(of(topic, Field.KEY, key));
      }
    }
    String unique = properties.get(MessageProperties.UNIQUE_KEY);
    if (unique != null) {
      hashes.add(of(topic, Field.UNIQUE_ID, unique));
    }
    return hashes;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
