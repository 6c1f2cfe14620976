package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.storage.commitlog.views.Decision;
import io.escrowmq.storage.commitlog.views.HoldRow;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was decided but is not in the views yet: the sequencer decides the next batch against the
 * views with this on top. Sequencer's thread only.
 */
final class Overlay {

  /** What is known of a hold id: held, decided, or neither. */
  record Known(Optional<HoldRow> row, Optional<Decision> decision) {
    static final Known NOTHING = new Known(Optional.empty(), Optional.empty());
  }

  /** What a row is, or that it is not there. */
  record KnownRow(Optional<TableRow> row) {}

  /** Names a table row. */
  record RowName(String table, Bytes key) {}

  private record Entry<V>(V value, long sequence) {}

  private record Aging(Object name, long sequence) {}

  private final Map<HoldId, Entry<Known>> holds = new HashMap<>();
  private final Map<RowName, Entry<KnownRow>> rows = new HashMap<>();
  private final ArrayDeque<Aging> aging = new ArrayDeque<>();

  /** What was decided about the id lately, or null. */
  @Nullable Known hold(HoldId id) {
    Entry<Known> entry = holds.get(id);
    return entry == null ? null : entry.value();
  }

  /** What was decided about the row lately, or null. */
  @Nullable KnownRow row(String table, Bytes key) {
    Entry<KnownRow> entry = rows.get(new RowName(table, key));
    return entry == null ? null : entry.value();
  }

  void put(HoldId id, Known known, long sequence) {
    holds.put(id, new Entry<>(known, sequence));
    aging.add(new Aging(id, sequence));
  }

  void put(String table, Bytes key, Optional<TableRow> row, long sequence) {
    RowName name = new RowName(table, key);
    rows.put(name, new Entry<>(new KnownRow(row), sequence));
    aging.add(new Aging(name, sequence));
  }

  /** Everything decided up to the sequence number is in the views now. */
  void forget(long sequence) {
    Aging oldest = aging.peek();
    while (oldest != null && oldest.sequence() <= sequence) {
      aging.remove();
      Map<?, ? extends Entry<?>> map = oldest.name() instanceof HoldId ? holds : rows;
      Entry<?> entry = map.get(oldest.name());
      if (entry != null && entry.sequence() <= sequence) {
        map.remove(oldest.name());
      }
      oldest = aging.peek();
    }
  }
}
