package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Table rows. Look-ups are thread-safe; changes are the sequencer's. */
public final class TableRows implements Tables {

  private final ViewStore store;

  TableRows(ViewStore store) {
    this.store = store;
  }

  @Override
  public Optional<TableRow> get(String table, Bytes key) {
    byte[] value = store.get(ViewFamily.ROWS, Keys.row(table, key));
    return value == null ? Optional.empty() : Optional.of(decode(key, value));
  }

  @Override
  public List<TableRow> scan(String table, Bytes prefix, Optional<Bytes> after, int limit) {
    byte[] start = Keys.row(table, Bytes.EMPTY);
    byte[] wanted = Keys.row(table, prefix);
    byte[] from = wanted;
    if (after.isPresent() && after.get().compareTo(prefix) >= 0) {
      from = Keys.after(Keys.row(table, after.get()));
    }
    List<TableRow> found = new ArrayList<>();
    store.scan(
        ViewFamily.ROWS,
        from,
        (key, value) -> {
          if (found.size() >= limit || !Keys.startsWith(key, wanted)) {
            return false;
          }
          Bytes rowKey = Bytes.wrap(Arrays.copyOfRange(key, start.length, key.length));
          found.add(decode(rowKey, value));
          return true;
        });
    return found;
  }

  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    Optional<String> next = tableFrom(new byte[0]);
    while (next.isPresent()) {
      names.add(next.get());
      next = tableFrom(Keys.afterTable(next.get()));
    }
    return names;
  }

  private Optional<String> tableFrom(byte[] from) {
    List<String> found = new ArrayList<>(1);
    store.scan(
        ViewFamily.ROWS,
        from,
        (key, value) -> {
          found.add(Keys.tableOf(key));
          return false;
        });
    return found.stream().findFirst();
  }

  void stage(Effect.RowPut put, Rows rows) {
    byte[] value = put.value().toArray();
    byte[] encoded =
        ByteBuffer.allocate(Long.BYTES + value.length).putLong(put.version()).put(value).array();
    rows.put(ViewFamily.ROWS, Keys.row(put.table(), put.key()), encoded);
  }

  void stage(Effect.RowDeleted deleted, Rows rows) {
    rows.delete(ViewFamily.ROWS, Keys.row(deleted.table(), deleted.key()));
  }

  private static TableRow decode(Bytes key, byte[] stored) {
    long version = ByteBuffer.wrap(stored).getLong();
    Bytes value = Bytes.wrap(Arrays.copyOfRange(stored, Long.BYTES, stored.length));
    return new TableRow(key, value, version);
  }
}
