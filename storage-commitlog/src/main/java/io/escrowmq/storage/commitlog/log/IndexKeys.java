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

  private static final long SEED = 0x2545F4914F6CDD1DL;
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
    long prefix = mix(SEED, topic, 0, topic.length());
    String text = words.orElse("");
    long[] hashes = new long[words(text) + 1];
    int count = 0;
    int from = 0;
    while (from < text.length()) {
      int end = wordEnd(text, from);
      if (end > from) {
        hashes[count++] = hash(prefix, Field.KEY, text, from, end);
      }
      from = end + 1;
    }
    if (id.isPresent()) {
      hashes[count++] = hash(prefix, Field.UNIQUE_ID, id.get(), 0, id.get().length());
    }
    return new IndexKeys(Arrays.copyOf(hashes, count));
  }

  /** Hashes as {@link #hash(String, Field, String)} gave them. Takes ownership of the array. */
  public static IndexKeys wrap(long[] hashes) {
    return hashes.length == 0 ? NONE : new IndexKeys(hashes);
  }

  /** The hash of one value. Stored: never change. */
  public static long hash(String topic, Field field, String value) {
    return hash(mix(SEED, topic, 0, topic.length()), field, value, 0, value.length());
  }

  /** Number of hashes. */
  public int size() {
    return hashes.length;
  }

  /** One hash. */
  public long hash(int index) {
    return hashes[index];
  }

  private static int words(String text) {
    int most = text.isEmpty() ? 0 : 1;
    for (int at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
      most++;
    }
    return most;
  }

  private static int wordEnd(String text, int from) {
    int blank = text.indexOf(' ', from);
    return blank < 0 ? text.length() : blank;
  }

  private static long hash(long prefix, Field field, String text, int from, int end) {
    long hash = mix(prefix, field == Field.KEY ? "k" : "u", 0, 1);
    hash = mix(hash, text, from, end);
    hash ^= hash >>> 32;
    hash *= MULTIPLIER;
    return hash ^ hash >>> 29;
  }

  private static long mix(long seed, String text, int from, int end) {
    long hash = seed + (end - from);
    for (int i = from; i < end; i++) {
      hash = (hash ^ text.charAt(i)) * MULTIPLIER;
      hash ^= hash >>> 47;
    }
    return hash;
  }
}
