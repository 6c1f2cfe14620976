package io.escrowmq.broker;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.tx.Randomness;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Makes identities that nothing else has. Thread-safe. */
final class Ids {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long base;
  private final AtomicLong counter;

  /** Apart from the counter: used for every other message, that would reach every other queue. */
  private final AtomicLong turns = new AtomicLong();

  Ids(Randomness random) {
    ByteBuffer seed = ByteBuffer.wrap(random.bytes(2 * Long.BYTES));
    this.base = seed.getLong();
    this.counter = new AtomicLong(seed.getLong());
  }

  /** A hold id that never repeats: 64 random bits of this run and a counter. */
  HoldId fresh() {
    return new HoldId(scatter(counter.getAndIncrement()), base);
  }

  /** A unique key for a message whose client gave none: 32 upper-case hexadecimal digits. */
  String uniqueKey() {
    HexFormat hex = HexFormat.of();
    String text = hex.toHexDigits(base) + hex.toHexDigits(counter.getAndIncrement());
    return text.toUpperCase(Locale.ROOT);
  }

  /**
   * The hold id of a delayed message, from what its recall handle says.
   *
   * @param copy 0 for the first message of that key and time, then 1, ...
   */
  static HoldId ofDelayed(String topic, String uniqueKey, long deliverAtMs, int copy) {
    MessageDigest digest = sha256();
    digest.update(topic.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(uniqueKey.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(deliverAtMs).putInt(copy).flip());
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    // The sign bit keeps these ids apart from those of transactions, which have none.
    return new HoldId(hash.getLong() | Long.MIN_VALUE, hash.getLong());
  }

  /** Where a counter of this run begins, so that it does not repeat what another run counted. */
  int firstNumber() {
    return (int) (base >>> Integer.SIZE);
  }

  /** Whose turn it is, out of so many: queues, members. */
  int turn(int outOf) {
    return (int) Math.floorMod(turns.getAndIncrement(), (long) outOf);
  }

  private static long scatter(long value) {
    long mixed = value * GOLDEN_GAMMA;
    // As above: never equal to the id of a transaction.
    return (mixed ^ (mixed >>> 32)) | Long.MIN_VALUE;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks SHA-256", e);
    }
  }
}
