package io.escrowmq.broker.pop;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The rows of a group in a queue. Neither groups nor topics can have the separator in their names.
 *
 * <ul>
 *   <li>table {@code pop-cursors}, key {@code group@topic@queue}, value the cursor, int64;
 *   <li>table {@code pop-leases}, key {@code group@topic@queue@} and 24 hexadecimal digits, pop
 *       time and generation; value: byte 1, int64 when the messages are visible again, int16 length
 *       and attempt id in UTF-8, int32 number of messages, then per message the offset's distance
 *       from the one before (the first from 0) and the number of earlier hand-overs, both as
 *       numbers of 7 bits a byte, lowest first.
 * </ul>
 */
final class PopRows {

  static final String CURSORS = "pop-cursors";
  static final String LEASES = "pop-leases";
  private static final byte FORMAT = 1;
  private static final int PAGE = 1000;
  private static final int MAX_VARINT_BYTES = 10;
  private static final int HEADER_BYTES = 1 + Long.BYTES + Short.BYTES + Integer.BYTES;
  private static final HexFormat HEX = HexFormat.of();

  private final Bytes cursorKey;
  private final String leasePrefix;

  PopRows(String group, QueueId queue) {
    String key = group + "@" + queue.topic() + "@" + queue.queue();
    this.cursorKey = Bytes.utf8(key);
    this.leasePrefix = key + "@";
  }

  /** The cursor, if the group ever popped here. Reads the store. */
  OptionalLong cursor(Tables tables) {
    Optional<TableRow> row = tables.get(CURSORS, cursorKey);
    return row.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(ByteBuffer.wrap(row.get().value().toArray()).getLong());
  }

  /** Every lease. Reads the store. */
  List<Lease> leases(Tables tables) {
    List<Lease> leases = new ArrayList<>();
    for (TableRow row : scan(tables, LEASES, Bytes.utf8(leasePrefix))) {
      String digits = row.key().asUtf8().substring(leasePrefix.length());
      LeaseId id =
          new LeaseId(
              HexFormat.fromHexDigitsToLong(digits, 0, 16),
              HexFormat.fromHexDigits(digits, 16, digits.length()));
      leases.add(decode(id, ByteBuffer.wrap(row.value().toArray())));
    }
    return leases;
  }

  /** Writes the cursor. */
  Mutation putCursor(long cursor) {
    return new Mutation.Put(
        CURSORS, cursorKey, Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(cursor).array()));
  }

  /** Writes a lease. */
  Mutation put(Lease lease) {
    return new Mutation.Put(LEASES, key(lease.id()), encode(lease));
  }

  /** Removes a lease. */
  Mutation delete(LeaseId id) {
    return new Mutation.Delete(LEASES, key(id));
  }

  /** Removes everything of a group, in batches of rows. Reads the store. */
  static List<Mutation> deletionsOf(Tables tables, String group) {
    List<Mutation> deletions = new ArrayList<>();
    Bytes prefix = Bytes.utf8(group + "@");
    for (String table : List.of(CURSORS, LEASES)) {
      scan(tables, table, prefix)
          .forEach(row -> deletions.add(new Mutation.Delete(table, row.key())));
    }
    return deletions;
  }

  private Bytes key(LeaseId id) {
    return Bytes.utf8(
        leasePrefix + HEX.toHexDigits(id.popTimeMs()) + HEX.toHexDigits(id.generation()));
  }

  private static List<TableRow> scan(Tables tables, String table, Bytes prefix) {
    List<TableRow> rows = new ArrayList<>();
    Optional<Bytes> after = Optional.empty();
    while (true) {
      List<TableRow> page = tables.scan(table, prefix, after, PAGE);
      rows.addAll(page);
      if (page.size() < PAGE) {
        return rows;
      }
      after = Optional.of(page.getLast().key());
    }
  }

  static Bytes encode(Lease lease) {
    byte[] attempt = lease.attemptId().getBytes(StandardCharsets.UTF_8);
    int count = lease.attempts().size();
    ByteBuffer value =
        ByteBuffer.allocate(HEADER_BYTES + attempt.length + count * 2 * MAX_VARINT_BYTES);
    value.put(FORMAT).putLong(lease.visibleAtMs());
    value.putShort((short) attempt.length).put(attempt).putInt(count);
    long before = 0;
    for (Map.Entry<Long, Integer> entry : lease.attempts().entrySet()) {
      putNumber(value, entry.getKey() - before);
      putNumber(value, entry.getValue());
      before = entry.getKey();
    }
    byte[] bytes = new byte[value.position()];
    value.flip().get(bytes);
    return Bytes.wrap(bytes);
  }

  static Lease decode(LeaseId id, ByteBuffer value) {
    byte format = value.get();
    if (format != FORMAT) {
      throw new IllegalStateException(
          "a lease of the table " + LEASES + " has format " + format + ", this server knows 1");
    }
    long visibleAtMs = value.getLong();
    byte[] attempt = new byte[value.getShort() & 0xFFFF];
    value.get(attempt);
    NavigableMap<Long, Integer> attempts = new TreeMap<>();
    long offset = 0;
    for (int left = value.getInt(); left > 0; left--) {
      offset += number(value);
      attempts.put(offset, (int) number(value));
    }
    return new Lease(id, visibleAtMs, new String(attempt, StandardCharsets.UTF_8), attempts);
  }

  private static void putNumber(ByteBuffer to, long number) {
    long left = number;
    while ((left & ~0x7FL) != 0) {
      to.put((byte) (left | 0x80));
      left >>>= 7;
    }
    to.put((byte) left);
  }

  private static long number(ByteBuffer from) {
    long number = 0;
    int shift = 0;
    while (true) {
      byte next = from.get();
      number |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return number;
      }
      shift += 7;
    }
  }
}
