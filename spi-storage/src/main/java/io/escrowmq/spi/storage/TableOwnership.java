package io.escrowmq.spi.storage;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * {@link Ownership} as rows of the table {@link #TABLE}, changed by compare-and-set: all that an
 * engine with atomic batches needs. The engine's part is to judge {@link Mutation.Fence} by {@link
 * #epochOf(Bytes)} of the scope's row.
 */
public final class TableOwnership implements Ownership {

  /** The table that holds one row per scope. */
  public static final String TABLE = "leases";

  private final Storage storage;
  private final TimeSource time;

  public TableOwnership(Storage storage, TimeSource time) {
    this.storage = storage;
    this.time = time;
  }

  /** The epoch inside a lease row's value. */
  public static long epochOf(Bytes value) {
    return ByteBuffer.wrap(value.toArray()).getLong();
  }

  /** The key of a scope's row. */
  public static Bytes keyOf(String scope) {
    return Bytes.utf8(scope);
  }

  @Override
  public Optional<Lease> acquire(String scope, String owner, Duration timeToLive) {
    Optional<TableRow> row = storage.tables().get(TABLE, keyOf(scope));
    Optional<Lease> last = row.map(found -> decode(scope, found.value()));
    if (last.isPresent() && last.get().expiresAtMs() > time.nowMs()) {
      return Optional.empty();
    }
    long epoch = last.map(Lease::epoch).orElse(0L) + 1;
    long version = row.map(TableRow::version).orElse(Mutation.Require.ABSENT);
    return put(new Lease(scope, owner, epoch, expiry(timeToLive)), version);
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration timeToLive) {
    return replace(
        lease, new Lease(lease.scope(), lease.owner(), lease.epoch(), expiry(timeToLive)));
  }

  @Override
  public void release(Lease lease) {
    replace(lease, new Lease(lease.scope(), lease.owner(), lease.epoch(), 0));
  }

  @Override
  public Optional<Lease> current(String scope) {
    return storage.tables().get(TABLE, keyOf(scope)).map(row -> decode(scope, row.value()));
  }

  private Optional<Lease> replace(Lease lease, Lease successor) {
    return storage
        .tables()
        .get(TABLE, keyOf(lease.scope()))
        .filter(row -> epochOf(row.value()) == lease.epoch())
        .flatMap(row -> put(successor, row.version()));
  }

  private Optional<Lease> put(Lease lease, long expectedVersion) {
    Bytes key = keyOf(lease.scope());
    WriteBatch batch =
        WriteBatch.of(
            new Mutation.Require(TABLE, key, expectedVersion),
            new Mutation.Put(TABLE, key, encode(lease)));
    try {
      boolean applied = storage.write(batch).toCompletableFuture().join().applied();
      return applied ? Optional.of(lease) : Optional.empty();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StorageException cause ? cause : e;
    }
  }

  private long expiry(Duration timeToLive) {
    return time.nowMs() + timeToLive.toMillis();
  }

  private static Bytes encode(Lease lease) {
    byte[] owner = Bytes.utf8(lease.owner()).toArray();
    ByteBuffer value = ByteBuffer.allocate(2 * Long.BYTES + owner.length);
    value.putLong(lease.epoch()).putLong(lease.expiresAtMs()).put(owner);
    return Bytes.wrap(value.array());
  }

  private static Lease decode(String scope, Bytes value) {
    ByteBuffer buffer = ByteBuffer.wrap(value.toArray());
    long epoch = buffer.getLong();
    long expiresAtMs = buffer.getLong();
    byte[] owner = new byte[buffer.remaining()];
    buffer.get(owner);
    return new Lease(scope, Bytes.wrap(owner).asUtf8(), epoch, expiresAtMs);
  }
}
