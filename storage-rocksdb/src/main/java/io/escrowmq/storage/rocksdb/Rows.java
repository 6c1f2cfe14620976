package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.TableRow;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Table rows, as the batches of a group change them. The committer's alone. */
final class Rows {

  private final Database database;
  private final StoreState state;
  private final BatchBuffer out;

  /** Rows that this group changed or asked for. */
  private final Map<Name, Optional<TableRow>> known = new HashMap<>();

  private record Name(String table, Bytes key) {}

  Rows(Database database, StoreState state, BatchBuffer out) {
    this.database = database;
    this.state = state;
    this.out = out;
  }

  void put(Mutation.Put put) {
    TableRow row = new TableRow(put.key(), put.value(), state.nextVersion());
    known.put(new Name(put.table(), put.key()), Optional.of(row));
    out.put(database.number(Family.ROWS), Keys.row(put.table(), put.key()), encode(row));
  }

  void delete(Mutation.Delete delete) {
    known.put(new Name(delete.table(), delete.key()), Optional.empty());
    out.delete(database.number(Family.ROWS), Keys.row(delete.table(), delete.key()));
  }

  long versionOf(Mutation.Require require) {
    return find(require.table(), require.key())
        .map(TableRow::version)
        .orElse(Mutation.Require.ABSENT);
  }

  /** Epoch of a lease, 0 if there is none. */
  long epochOf(String scope) {
    return find(TableOwnership.TABLE, TableOwnership.keyOf(scope))
        .map(lease -> TableOwnership.epochOf(lease.value()))
        .orElse(0L);
  }

  /** The group is complete. */
  void stage() {
    known.clear();
  }

  static TableRow decode(Bytes key, byte[] stored) {
    long version = ByteBuffer.wrap(stored).getLong();
    Bytes value = Bytes.wrap(Arrays.copyOfRange(stored, Long.BYTES, stored.length));
    return new TableRow(key, value, version);
  }

  private static byte[] encode(TableRow row) {
    byte[] value = row.value().toArray();
    return ByteBuffer.allocate(Long.BYTES + value.length).putLong(row.version()).put(value).array();
  }

  private Optional<TableRow> find(String table, Bytes key) {
    return known.computeIfAbsent(
        new Name(table, key),
        name ->
            Optional.ofNullable(database.get(Family.ROWS, Keys.row(table, key)))
                .map(stored -> decode(key, stored)));
  }
}
