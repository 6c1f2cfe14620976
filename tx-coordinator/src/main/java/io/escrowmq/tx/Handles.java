package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.HoldId;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes handles: HMAC-SHA256 of producer group, topic, unique key, incarnation and body, keyed with
 * the server's secret. So a repeated half message finds its first hold, and nobody can guess the
 * handle of a transaction that is not theirs. All handles of a unique key begin with the same 31
 * bits, so that they lie together in the store and are found without looking at the others.
 * Thread-safe.
 */
final class Handles {

  private static final String ALGORITHM = "HmacSHA256";

  /** Longer than a producer group may be: no half message feeds the same bytes. */
  private static final String JOINT = "joint transaction".repeat(16);

  /** Bits of the first number that do not come from the key. */
  private static final int BELOW_PREFIX = 32;

  private static final String MEMBER = "member of a joint".repeat(16);

  private final Mac keyed;
  private final Randomness random;

  Handles(byte[] secret, Randomness random) {
    this.random = random;
    try {
      keyed = Mac.getInstance(ALGORITHM);
      keyed.init(new SecretKeySpec(secret, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /** The handle of the n-th incarnation (0-based) of this message. */
  Handle of(HalfMessage half, String uniqueKey, int incarnation) {
    Mac mac = copyOfKeyed();
    put(mac, half.producerGroup());
    put(mac, half.queue().topic());
    put(mac, uniqueKey);
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(incarnation).flip());
    mac.update(half.body().duplicate());
    return prefixed(uniqueKey, cut(mac.doFinal()));
  }

  /**
   * What the first number of every handle of a message or transaction with this key begins with.
   */
  static long prefix(String uniqueKey) {
    // Computed for every half message, and no secret: who knows the key may know it.
    CRC32C sum = new CRC32C();
    sum.update(HoldAttributes.shortened(uniqueKey).getBytes(UTF_8));
    return sum.getValue() >>> 1;
  }

  /** The greatest id below those with the prefix. */
  static HoldId before(long prefix) {
    return prefix == 0 ? new HoldId(0, 0) : new HoldId((prefix << BELOW_PREFIX) - 1, -1);
  }

  /** True if a handle with the prefix has this id. */
  static boolean hasPrefix(HoldId id, long prefix) {
    return id.high() >>> BELOW_PREFIX == prefix;
  }

  private static Handle prefixed(String uniqueKey, Handle rest) {
    long below = rest.a() & (1L << BELOW_PREFIX) - 1;
    return new Handle(prefix(uniqueKey) << BELOW_PREFIX | below, rest.b());
  }

  /** The handle of the joint transaction that a group calls by this key. */
  Handle joint(String producerGroup, String key) {
    Mac mac = copyOfKeyed();
    put(mac, JOINT);
    put(mac, producerGroup);
    put(mac, key);
    return prefixed(key, cut(mac.doFinal()));
  }

  /** The identity of a message of a joint transaction. */
  HoldId member(Handle transaction, int sequence) {
    Mac mac = copyOfKeyed();
    put(mac, MEMBER);
    mac.update(
        ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES)
            .putLong(transaction.a())
            .putLong(transaction.b())
            .putInt(sequence)
            .flip());
    return cut(mac.doFinal()).holdId();
  }

  /** A handle for a message that has no unique key. */
  Handle fresh() {
    return cut(random.bytes(2 * Long.BYTES));
  }

  /** 32 hexadecimal digits of a digest. */
  static String digest(byte[] bytes) {
    return HexFormat.of().formatHex(shortDigest(bytes));
  }

  /** The first 16 bytes of a SHA-256. */
  static byte[] shortDigest(byte[] bytes) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(bytes), 2 * Long.BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private Mac copyOfKeyed() {
    try {
      return (Mac) keyed.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's " + ALGORITHM + " can be cloned", e);
    }
  }

  /** Length first, so that two different lists of texts never feed the same bytes. */
  private static void put(Mac mac, String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(utf8.length).flip());
    mac.update(utf8);
  }

  private static Handle cut(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new Handle(in.getLong() & Long.MAX_VALUE, in.getLong() & Long.MAX_VALUE);
  }
}
