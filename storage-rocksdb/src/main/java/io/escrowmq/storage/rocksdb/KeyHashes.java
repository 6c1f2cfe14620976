package io.escrowmq.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageProperties;
import java.util.Arrays;
import java.util.Optional;

/** The 64-bit hashes a message is found by. Hits are verified against the message. Stateless. */
final class KeyHashes {

  private static final long[] NONE = new long[0];
  private static final long OFFSET_BASIS = 0xCBF29CE484222325L;
  private static final long PRIME = 0x100000001B3L;
  private static final int KEY = 1;
  private static final int UNIQUE_ID = 2;

  private KeyHashes() {}

  /** The hashes of a message's keys and unique id. */
  static long[] of(Message message) {
    String properties = message.propertiesText();
    if (properties.isEmpty()) {
      return NONE;
    }
    Optional<String> words = MessageProperties.find(properties, MessageProperties.KEYS);
    Optional<String> id = MessageProperties.find(properties, MessageProperties.UNIQUE_KEY);
    if (words.isEmpty() && id.isEmpty()) {
      return NONE;
    }
    String topic = message.topic();
    String[] keys = words.map(text -> text.split(" ", -1)).orElseGet(() -> new String[0]);
    long[] hashes = new long[keys.length + 1];
    int count = 0;
    for (String key : keys) {
      if (!key.isEmpty()) {
        hashes[count++] = of(topic, Field.KEY, key);
      }
    }
    if (id.isPresent()) {
      hashes[count++] = of(topic, Field.UNIQUE_ID, id.get());
    }
    return Arrays.copyOf(hashes, count);
  }

  /** The hash of one value (FNV-1a, then mixed). Stored: never change. */
  static long of(String topic, Field field, String value) {
    long hash = mix(OFFSET_BASIS, topic.getBytes(UTF_8));
    hash = (hash ^ (field == Field.KEY ? KEY : UNIQUE_ID)) * PRIME;
    hash = mix(hash, value.getBytes(UTF_8));
    hash ^= hash >>> 32;
    hash *= PRIME;
    return hash ^ hash >>> 29;
  }

  private static long mix(long seed, byte[] bytes) {
    long hash = seed;
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xFF)) * PRIME;
    }
    return hash;
  }
}
