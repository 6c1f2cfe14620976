package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The first holds in some order, put together from those in memory and those in the database. The
 * ones in memory come first, because a hold only ever goes from memory to the database: one that is
 * seen in both places counts once, as it was in memory.
 */
final class HoldPage {

  private final Function<HoldEntry, byte[]> order;
  private final byte[] from;
  private final byte[] end;
  private final Set<HoldId> young = new HashSet<>();
  private final TreeMap<byte[], HoldEntry> entries = new TreeMap<>(Arrays::compareUnsigned);
  private int stored;

  /**
   * An empty page.
   *
   * @param order the key by whose unsigned bytes holds are ordered
   * @param from the first key that may be on the page
   * @param end the first key after it that may not
   */
  HoldPage(Function<HoldEntry, byte[]> order, byte[] from, byte[] end) {
    this.order = order;
    this.from = from;
    this.end = end;
  }

  /** Adds a hold from memory, if it is in the range. */
  void young(HoldEntry entry) {
    byte[] key = order.apply(entry);
    if (Arrays.compareUnsigned(key, from) >= 0 && Arrays.compareUnsigned(key, end) < 0) {
      young.add(entry.id());
      entries.put(key, entry);
    }
  }

  /** Adds a hold from the database, in the range. */
  void stored(HoldEntry entry) {
    if (!young.contains(entry.id())) {
      entries.put(order.apply(entry), entry);
      stored++;
    }
  }

  /** How many were added from the database. */
  int stored() {
    return stored;
  }

  List<HoldEntry> first(int limit) {
    return entries.values().stream().limit(limit).toList();
  }
}
