package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes handles: HMAC-SHA256 of producer group, topic, unique key, incarnation and body, keyed with
 * the server's secret. So a repeated half message finds its first hold, and nobody can guess the
 * handle of a transaction that is not theirs. Thread-safe.
 */
final class Handles {

  private static final String ALGORITHM = "HmacSHA256";

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
    return cut(mac.doFinal());
  }

  /** A handle for a message that has no unique key. */
  Handle fresh() {
    return cut(random.bytes(2 * Long.BYTES));
  }

  /** 32 hexadecimal digits of a digest. */
  static String digest(byte[] bytes) {
    try {
      byte[] all = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(all, 0, 2 * Long.BYTES);
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
