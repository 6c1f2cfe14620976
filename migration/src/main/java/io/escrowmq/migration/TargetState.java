package io.escrowmq.migration;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.TableRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the target remembers of the migration as a whole: one row, written with every batch.
 *
 * <p>The value is, big-endian: int8 version (1), int64 store time, int64 restamped, 32 bytes
 * fingerprint, and the source's name in UTF-8.
 *
 * @param source the source's cluster names
 * @param lastTimeMs store time of the last message, milliseconds since the epoch
 * @param restamped messages whose store time was raised to that of the one before them
 * @param fingerprint of all other rows when the last run ended; {@link Chain#START} before
 */
record TargetState(String source, long lastTimeMs, long restamped, Bytes fingerprint) {

  static final String TABLE = "migration";
  static final Bytes KEY = Bytes.utf8("state");

  private static final byte VERSION = 1;
  private static final int FIXED_BYTES = Byte.BYTES + 2 * Long.BYTES + Chain.BYTES;

  static TargetState begin(String source) {
    return new TargetState(source, 0, 0, Chain.START);
  }

  TargetState copied(long lastTimeMsNow, long restampedNow) {
    return new TargetState(source, lastTimeMsNow, restampedNow, fingerprint);
  }

  TargetState ended(Bytes fingerprintNow) {
    return new TargetState(source, lastTimeMs, restamped, fingerprintNow);
  }

  Mutation.Put put() {
    byte[] name = source.getBytes(StandardCharsets.UTF_8);
    ByteBuffer value =
        ByteBuffer.allocate(FIXED_BYTES + name.length)
            .put(VERSION)
            .putLong(lastTimeMs)
            .putLong(restamped)
            .put(fingerprint.toArray())
            .put(name);
    return new Mutation.Put(TABLE, KEY, Bytes.wrap(value.array()));
  }

  static TargetState of(TableRow row) {
    ByteBuffer value = ByteBuffer.wrap(row.value().toArray());
    byte version = value.get();
    if (version != VERSION) {
      throw new IllegalStateException(
          "the target's state has the format " + version + " of a newer migration");
    }
    long lastTimeMs = value.getLong();
    long restamped = value.getLong();
    byte[] fingerprint = new byte[Chain.BYTES];
    value.get(fingerprint);
    return new TargetState(
        StandardCharsets.UTF_8.decode(value).toString(),
        lastTimeMs,
        restamped,
        Bytes.wrap(fingerprint));
  }
}
