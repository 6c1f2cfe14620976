package io.escrowmq.broker;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a whole table page by page. */
final class TableScan {

  private static final int PAGE = 1000;

  private TableScan() {}

  static List<TableRow> all(Tables tables, String table) {
    return all(tables, table, Bytes.EMPTY);
  }

  /** The rows whose keys begin so. */
  static List<TableRow> all(Tables tables, String table, Bytes prefix) {
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
}
