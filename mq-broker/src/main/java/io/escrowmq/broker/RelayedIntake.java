package io.escrowmq.broker;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.ForeignIntake;
import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.IntakeRow;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.tx.Randomness;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Moves rows between two databases exactly once. The batch that makes the messages also writes the
 * ids of the rows; only then the rows are removed. After a crash or a doubt in between, the ids say
 * which rows are messages already: these are removed before anything else is read.
 *
 * <p>The row with the ids is required to be the one that was read last, so a batch whose outcome
 * was unknown cannot happen after its rows were looked at again.
 *
 * <p>Store table {@code intake}: key {@code moved/<source in hexadecimal>}, value the ids of the
 * last batch, int64 each. Key {@code store}: a name drawn once.
 */
final class RelayedIntake implements StoreIntake {

  private static final String TABLE = "intake";
  private static final Bytes STORE = Bytes.utf8("store");
  private static final int NAME_BYTES = 8;

  private final Storage storage;
  private final ForeignIntake foreign;
  private Bytes key = Bytes.EMPTY;
  private long version;
  private boolean certain;

  RelayedIntake(Storage storage, ForeignIntake foreign) {
    this.storage = storage;
    this.foreign = foreign;
  }

  /** The name by which databases know the store; drawn and kept when it is first asked for. */
  static String nameOf(Storage storage, Randomness random) {
    Optional<TableRow> known = storage.tables().get(TABLE, STORE);
    if (known.isPresent()) {
      return known.get().value().asUtf8();
    }
    String drawn = "store " + HexFormat.of().formatHex(random.bytes(NAME_BYTES));
    WriteReceipt _ =
        Failures.await(
            storage.write(
                WriteBatch.of(
                    new Mutation.Require(TABLE, STORE, Mutation.Require.ABSENT),
                    new Mutation.Put(TABLE, STORE, Bytes.utf8(drawn)))));
    return storage.tables().get(TABLE, STORE).orElseThrow().value().asUtf8();
  }

  @Override
  public long check() {
    long source = foreign.check();
    key = Bytes.utf8("moved/" + HexFormat.of().toHexDigits(source));
    certain = false;
    return source;
  }

  @Override
  public List<IntakeRow> read(int maxRows, long maxBytes) {
    if (!certain) {
      removeMoved();
      certain = true;
    }
    return foreign.read(maxRows, maxBytes);
  }

  @Override
  public CompletionStage<WriteReceipt> move(WriteBatch batch, List<Long> ids) {
    certain = false;
    List<Mutation> all = new ArrayList<>(batch.mutations());
    all.add(new Mutation.Put(TABLE, key, value(ids)));
    all.add(new Mutation.Require(TABLE, key, version));
    return storage.write(new WriteBatch(all, batch.durability()));
  }

  /** Removes the rows of the last batch that the store has. */
  private void removeMoved() {
    Optional<TableRow> row = storage.tables().get(TABLE, key);
    version = row.map(TableRow::version).orElse(Mutation.Require.ABSENT);
    List<Long> ids = row.map(found -> ids(found.value())).orElse(List.of());
    if (!ids.isEmpty()) {
      foreign.remove(ids);
    }
  }

  private static Bytes value(List<Long> ids) {
    ByteBuffer value = ByteBuffer.allocate(ids.size() * Long.BYTES);
    ids.forEach(value::putLong);
    return Bytes.wrap(value.array());
  }

  private static List<Long> ids(Bytes value) {
    ByteBuffer buffer = ByteBuffer.wrap(value.toArray());
    List<Long> ids = new ArrayList<>(buffer.remaining() / Long.BYTES);
    while (buffer.hasRemaining()) {
      ids.add(buffer.getLong());
    }
    return ids;
  }

  @Override
  public void reject(long id, String reason) {
    foreign.reject(id, reason);
  }

  @Override
  public void await(Duration atMost, boolean idle) {
    foreign.await(atMost, idle);
  }

  @Override
  public IntakeFigures figures() {
    return foreign.figures();
  }

  @Override
  public void close() {
    foreign.close();
  }
}
