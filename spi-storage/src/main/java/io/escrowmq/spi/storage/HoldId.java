package io.escrowmq.spi.storage;

import java.util.HexFormat;

/**
 * Identity of a held message: 128 bits chosen by the caller (a keyed hash for transactions, random
 * for delays). Ordered as two unsigned numbers, high first.
 */
public record HoldId(long high, long low) implements Comparable<HoldId> {

  /** Encoded length in bytes. */
  public static final int BYTES = 16;

  @Override
  public int compareTo(HoldId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** 32 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }

  /** Reads what {@link #toString()} wrote. */
  public static HoldId parse(String text) {
    if (text.length() != 2 * BYTES) {
      throw new IllegalArgumentException("a hold id has 32 hexadecimal digits: " + text);
    }
    return new HoldId(
        HexFormat.fromHexDigitsToLong(text, 0, BYTES),
        HexFormat.fromHexDigitsToLong(text, BYTES, 2 * BYTES));
  }
}
