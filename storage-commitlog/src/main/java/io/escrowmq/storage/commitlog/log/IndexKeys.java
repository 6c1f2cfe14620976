package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageProperties;
import java.util.Arrays;
import java.util.Optional;

/** The 64-bit hashes a message is found by. Hits are verified against the message. Immutable. */
public final class IndexKeys {

  /** No hash. */
  public static final IndexKeys NONE = new IndexKeys(new long[0]);

  private static final long MULTIPLIER = 0x9FB21C651E98DF25L;

  private final long[] hashes;

  private IndexKeys(long[] hashes) {
    this.hashes = hashes;
  }

  /** The hashes of the message's keys and unique id. */
  public static IndexKeys of(String topic, Message message) {
    String properties = message.propertiesText();
    if (properties.isEmpty()) {
      return NONE;
    }
    Optional<String> words = MessageProperties.find(properties, MessageProperties.KEYS);
    Optional<String> id = MessageProperties.find(properties, MessageProperties.UNIQUE_KEY);
    if (words.isEmpty() && id.isEmpty()) {
      return NONE;
    }
    String[] keys = words.map(text -> text.split(" ")).orElseGet(() -> new String[0]);
    long[] hashes = new long[keys.length + 1];
    int count = 0;
    for (String key : keys) {
      if (!key.isEmpty()) {
        hashes[count++] = hash(topic, Field.KEY, key);
      }
    }
    if (id.isPresent()) {
      hashes[count++] = hash(topic, Field.UNIQUE_ID, id.get());
    }
    return new IndexKeys(Arrays.copyOf(hashes, count));
  }

  /** Hashes as {@link #hash(String, Field, String)} gave them. Takes ownership of the array. */
  public static IndexKeys wrap(long[] hashes) {
    return hashes.length == 0 ? NONE : new IndexKeys(hashes);
  }

  /** The hash of one value. Stored: never change. */
  public static long hash(String topic, Field field, String value) {
    long hash = mix(mix(0x2545F4914F6CDD1DL, topic), field == Field.KEY ? "k" : "u");
    hash = mix(hash, value);
    hash ^= hash >>> 32;
    hash *= MULTIPLIER;
    return hash ^ hash >>> 29;
  }

  /** Number of hashes. */
  public int size() {
    return hashes.length;
  }

  /** One hash. */
  public long hash(int index) {
    return hashes[index];
  }

  private static long mix(long seed, String text) {
    long hash = seed + text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * MULTIPLIER;
      hash ^= hash >>> 47;
    }
    return hash;
  }
}
