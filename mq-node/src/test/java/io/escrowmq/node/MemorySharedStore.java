package io.escrowmq.node;

import io.escrowmq.spi.storage.ServerRegister;
import io.escrowmq.spi.storage.ShardLeases;
import io.escrowmq.spi.storage.SharedStore;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorageProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Leases in memory, shared by the servers of one test; every shard opens empty. */
final class MemorySharedStore implements SharedStore, ShardLeases, ServerRegister {

  private final TimeSource time = TimeSource.system();
  private final Path directory;
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, Timed> servers = new TreeMap<>();
  private boolean away;

  private record Row(String server, long epoch, String address, long untilNanos) {}

  private record Timed(ServerState state, long untilNanos) {}

  MemorySharedStore(Path directory, int shards) {
    this.directory = directory;
    for (int shard = 0; shard < shards; shard++) {
      rows.add(new Row("", 0, "", time.nanos()));
    }
  }

  /** From now on nothing is answered, or it is again. */
  synchronized void away(boolean isAway) {
    away = isAway;
  }

  /** Makes the lease of a shard run out, as if its server had been silent. */
  synchronized void expire(int shard) {
    Row row = rows.get(shard);
    rows.set(shard, new Row(row.server(), row.epoch(), row.address(), time.nanos()));
  }

  private void answer() {
    if (away) {
      throw new StorageException.Unavailable(
          StorageException.Kind.RETRIABLE, "the store is away", "Bring it back.");
    }
  }

  private boolean current(Row row) {
    return !row.server().isEmpty() && row.untilNanos() - time.nanos() > 0;
  }

  @Override
  public ShardLeases leases() {
    return this;
  }

  @Override
  public ServerRegister register() {
    return this;
  }

  @Override
  public synchronized List<ShardState> shards() {
    answer();
    List<ShardState> states = new ArrayList<>();
    for (int shard = 0; shard < rows.size(); shard++) {
      Row row = rows.get(shard);
      states.add(new ShardState(shard, row.server(), row.epoch(), row.address(), current(row)));
    }
    return states;
  }

  @Override
  public synchronized Optional<ShardLease> acquire(int shard, String server, Duration ttl) {
    answer();
    Row row = rows.get(shard);
    if (current(row)) {
      return Optional.empty();
    }
    rows.set(shard, new Row(server, row.epoch() + 1, "", time.nanos() + ttl.toNanos()));
    return Optional.of(new ShardLease(shard, server, row.epoch() + 1));
  }

  @Override
  public synchronized boolean renew(ShardLease lease, String address, Duration ttl) {
    answer();
    boolean mine = rows.get(lease.shard()).epoch() == lease.epoch();
    if (mine) {
      long until = time.nanos() + ttl.toNanos();
      rows.set(lease.shard(), new Row(lease.server(), lease.epoch(), address, until));
    }
    return mine;
  }

  @Override
  public synchronized void release(ShardLease lease) {
    answer();
    if (rows.get(lease.shard()).epoch() == lease.epoch()) {
      rows.set(lease.shard(), new Row("", lease.epoch(), "", time.nanos()));
    }
  }

  @Override
  public synchronized List<ServerState> servers() {
    answer();
    return servers.values().stream()
        .filter(server -> server.untilNanos() - time.nanos() > 0)
        .map(Timed::state)
        .toList();
  }

  @Override
  public synchronized void announce(ServerState self, Duration ttl) {
    answer();
    servers.put(self.name(), new Timed(self, time.nanos() + ttl.toNanos()));
  }

  @Override
  public synchronized void leave(String server) {
    answer();
    servers.remove(server);
  }

  @Override
  public Storage open(ShardLease lease) {
    return new InMemoryStorageProvider()
        .open(StorageSettings.defaults(directory), StorageContext.system());
  }

  @Override
  public Tables tables(int shard) {
    throw new UnsupportedOperationException("rows of other servers");
  }

  @Override
  public void close() {
    // Belongs to the test.
  }
}
