package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads of table rows. Thread-safe. */
final class RocksDbTables implements Tables {

  private final Database database;

  RocksDbTables(Database database) {
    this.database = database;
  }

  @Override
  public Optional<TableRow> get(String table, Bytes key) {
    return Optional.ofNullable(database.get(Family.ROWS, Keys.row(table, key)))
        .map(stored -> Rows.decode(key, stored));
  }

  @Override
  public List<TableRow> scan(String table, Bytes prefix, Optional<Bytes> after, int limit) {
    int nameBytes = Keys.row(table, Bytes.EMPTY).length;
    byte[] wanted = Keys.row(table, prefix);
    byte[] from =
        after
            .filter(last -> last.compareTo(prefix) >= 0)
            .map(last -> Keys.after(Keys.row(table, last)))
            .orElse(wanted);
    List<TableRow> found = new ArrayList<>();
    database.scan(
        Family.ROWS,
        from,
        (key, value) -> {
          if (found.size() >= limit || !Keys.startsWith(key, wanted)) {
            return false;
          }
          Bytes rowKey = Bytes.wrap(Arrays.copyOfRange(key, nameBytes, key.length));
          found.add(Rows.decode(rowKey, value));
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
    database.scan(
        Family.ROWS,
        from,
        (key, value) -> {
          found.add(Keys.tableOf(key));
          return false;
        });
    return found.stream().findFirst();
  }
}
