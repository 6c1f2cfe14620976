package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads of held messages; where several rows must agree, of one moment. Thread-safe. */
final class RocksDbEscrow implements Escrow {

  private static final HoldId FIRST_ID = new HoldId(0, 0);

  private final Database database;
  private final StoreClock clock;

  RocksDbEscrow(Database database, StoreClock clock) {
    this.database = database;
    this.clock = clock;
  }

  @Override
  public Optional<HeldMessage> get(HoldId id) {
    byte[] key = Keys.id(id);
    return database.atOneMoment(moment -> {
      byte[] row = moment.get(Family.HOLDS, key);
      byte[] body = row == null ? null : moment.get(Family.BODIES, key);
      if (row == null || body == null) {
        return Optional.empty();
      }
      return Optional.of(
          new HeldMessage(HoldRow.decode(row).entry(id), Message.wrap(ByteBuffer.wrap(body))));
    });
  }

  @Override
  public HoldStatus status(HoldId id) {
    byte[] key = Keys.id(id);
    return database.atOneMoment(moment -> {
      if (moment.get(Family.HOLDS, key) != null) {
        return HoldStatus.HELD;
      }
      return Optional.ofNullable(moment.get(Family.DECIDED, key))
          .map(Decision::decode)
          .filter(decision -> !clock.isForgotten(decision))
          .map(Decision::status)
          .orElse(HoldStatus.UNKNOWN);
    });
  }

  @Override
  public List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit) {
    byte[] from =
        after
            .map(last -> Keys.after(Keys.due(kind, last.wakeAtMs(), last.id())))
            .orElseGet(() -> Keys.due(kind, Long.MIN_VALUE, FIRST_ID));
    byte[] end = Keys.due(kind, beforeMs, FIRST_ID);
    return entries(Family.DUE, from, limit, key -> Arrays.compareUnsigned(key, end) < 0);
  }

  @Override
  public List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit) {
    byte[] from = after.map(id -> Keys.after(Keys.kind(kind, id))).orElseGet(() -> Keys.kind(kind));
    return entries(Family.KINDS, from, limit, key -> key[0] == kind.code());
  }

  @Override
  public List<DecidedHold> decided(Optional<HoldId> after, int limit) {
    byte[] from = after.map(last -> Keys.after(Keys.id(last))).orElseGet(() -> new byte[0]);
    List<DecidedHold> found = new ArrayList<>();
    database.scan(
        Family.DECIDED,
        from,
        (key, value) -> {
          Decision decision = Decision.decode(value);
          if (!clock.isForgotten(decision)) {
            found.add(new DecidedHold(Keys.lastId(key), decision.status()));
          }
          return found.size() < limit;
        });
    return found;
  }

  @Override
  public Map<HoldGroup, Long> counts() {
    return HoldCounts.read(database);
  }

  /** The holds that the keys of an index end with. */
  private List<HoldEntry> entries(
      Family index, byte[] from, int limit, java.util.function.Predicate<byte[]> wanted) {
    return database.atOneMoment(moment -> {
      List<HoldEntry> found = new ArrayList<>();
      moment.scan(
          index,
          from,
          (key, value) -> {
            if (found.size() >= limit || !wanted.test(key)) {
              return false;
            }
            HoldId id = Keys.lastId(key);
            byte[] row = moment.get(Family.HOLDS, Keys.id(id));
            if (row != null) {
              found.add(HoldRow.decode(row).entry(id));
            }
            return true;
          });
      return found;
    });
  }
}
