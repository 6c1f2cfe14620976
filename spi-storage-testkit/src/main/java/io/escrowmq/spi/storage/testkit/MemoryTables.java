package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Reads of table rows. */
final class MemoryTables implements Tables {

  private final MemoryGate gate;
  private final MemoryContents contents;

  MemoryTables(MemoryGate gate, MemoryContents contents) {
    this.gate = gate;
    this.contents = contents;
  }

  @Override
  public Optional<TableRow> get(String table, Bytes key) {
    return gate.enter(() -> Optional.ofNullable(rows(table).get(key)));
  }

  @Override
  public List<TableRow> scan(String table, Bytes prefix, Optional<Bytes> after, int limit) {
    return gate.enter(() ->
        rows(table).tailMap(prefix).values().stream()
            .takeWhile(row -> row.key().startsWith(prefix))
            .filter(row -> after.isEmpty() || row.key().compareTo(after.get()) > 0)
            .limit(limit)
            .toList());
  }

  @Override
  public List<String> names() {
    return gate.enter(() ->
        contents.tables.entrySet().stream()
            .filter(table -> !table.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .sorted()
            .toList());
  }

  private NavigableMap<Bytes, TableRow> rows(String table) {
    NavigableMap<Bytes, TableRow> rows = contents.tables.get(table);
    return rows == null ? new TreeMap<>() : rows;
  }
}
