package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.ServerRegister;
import io.escrowmq.spi.storage.ShardLeases;
import io.escrowmq.spi.storage.SharedStore;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A database that several servers share. The tables of leases and servers are in the schema that
 * the URL names; shard {@code n} is a store in the schema beside it whose name ends in {@code _n}.
 * Thread-safe.
 */
final class JdbcSharedStore implements SharedStore, ShardLeases, ServerRegister {

  private final StorageSettings settings;
  private final StorageContext context;
  private final Connections connections;
  private final String schema;
  private final String clockMs;
  private final Readers shared;

  private JdbcSharedStore(
      StorageSettings settings, StorageContext context, Connections connections, String schema) {
    this.settings = settings;
    this.context = context;
    this.connections = connections;
    this.schema = schema;
    this.clockMs = connections.dialect().clockMs();
    this.shared = new Readers(connections);
  }

  /**
   * Connects and creates what is missing: shared tables, schemas, leases.
   *
   * @throws StorageException.Unavailable if the database cannot be had
   */
  static JdbcSharedStore connect(StorageSettings settings, StorageContext context, int shards) {
    JdbcStorage.check(settings);
    JdbcOptions options = JdbcOptions.of(settings.options()).oneOf(Math.max(1, shards));
    Dialect dialect = Dialect.of(options.url());
    if (!dialect.shareable()) {
      throw new IllegalArgumentException(
          "servers cannot share a database of "
              + dialect.vendor()
              + ": use PostgreSQL, or set escrowmq.cluster.shards=0");
    }
    Connections connections = new Connections(options, dialect, Optional.empty());
    try {
      connections.awaitDatabase(context.time());
    } catch (SQLException e) {
      throw SqlFailure.unavailable("the shared database cannot be opened", e);
    }
    try (Connection connection = connections.open("schema")) {
      String schema = connection.getSchema();
      if (schema == null) {
        throw new SQLException("the schema of the database URL does not exist", "3F000");
      }
      new Schema(connections, Schema.CLUSTER).prepare();
      JdbcSharedStore store = new JdbcSharedStore(settings, context, connections, schema);
      for (int shard = 0; shard < shards; shard++) {
        store.prepare(connection, shard);
      }
      return store;
    } catch (SQLException e) {
      throw SqlFailure.unavailable("the shared database cannot be opened", e);
    }
  }

  private void prepare(Connection connection, int shard) throws SQLException {
    String name = SchemaNames.ofShard(schema, shard);
    if (connections.options().schema() == JdbcOptions.SchemaPolicy.MIGRATE) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("create schema if not exists " + SchemaNames.quoted(name));
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into mq_lease (shard, schema_name, server, epoch, address, until_ms)"
                + " values (?, ?, '', 0, '', 0) on conflict (shard) do nothing")) {
      statement.setInt(1, shard);
      statement.setString(2, name);
      statement.executeUpdate();
    }
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
  public List<ShardState> shards() {
    return shared.list(
        "select shard, server, epoch, address, until_ms > "
            + clockMs
            + " as live from mq_lease"
            + " order by shard",
        statement -> {},
        row ->
            new ShardState(
                row.getInt("shard"),
                row.getString("server"),
                row.getLong("epoch"),
                row.getString("address"),
                row.getBoolean("live")));
  }

  @Override
  public List<ServerState> servers() {
    return shared.list(
        "select server, address, http_address, takes_shards from mq_server where until_ms > "
            + clockMs
            + " order by server",
        statement -> {},
        row ->
            new ServerState(
                row.getString("server"),
                row.getString("address"),
                row.getString("http_address"),
                row.getBoolean("takes_shards")));
  }

  @Override
  public void announce(ServerState self, Duration timeToLive) {
    update(
        "insert into mq_server (server, address, http_address, takes_shards, until_ms)"
            + " values (?, ?, ?, ?, "
            + clockMs
            + " + ?) on conflict (server) do update set address = excluded.address, http_address ="
            + " excluded.http_address, takes_shards = excluded.takes_shards, until_ms ="
            + " excluded.until_ms",
        statement -> {
          statement.setString(1, self.name());
          statement.setString(2, self.address());
          statement.setString(3, self.http());
          statement.setBoolean(4, self.takesShards());
          statement.setLong(5, timeToLive.toMillis());
        });
  }

  @Override
  public void leave(String server) {
    // Servers that nobody missed for a day are forgotten on the way.
    update(
        "delete from mq_server where server = ? or until_ms < " + clockMs + " - 86400000",
        statement -> statement.setString(1, server));
  }

  @Override
  public Optional<ShardLease> acquire(int shard, String server, Duration timeToLive) {
    return shared
        .list(
            "update mq_lease set server = ?, epoch = epoch + 1, address = '', until_ms = "
                + clockMs
                + " + ? where shard = ? and (server = '' or until_ms <= "
                + clockMs
                + ") returning epoch",
            statement -> {
              statement.setString(1, server);
              statement.setLong(2, timeToLive.toMillis());
              statement.setInt(3, shard);
            },
            row -> new ShardLease(shard, server, row.getLong(1)))
        .stream()
        .findFirst();
  }

  @Override
  public boolean renew(ShardLease lease, String address, Duration timeToLive) {
    return update(
            "update mq_lease set address = ?, until_ms = "
                + clockMs
                + " + ? where shard = ? and server = ? and epoch = ?",
            statement -> {
              statement.setString(1, address);
              statement.setLong(2, timeToLive.toMillis());
              statement.setInt(3, lease.shard());
              statement.setString(4, lease.server());
              statement.setLong(5, lease.epoch());
            })
        == 1;
  }

  @Override
  public void release(ShardLease lease) {
    update(
        "update mq_lease set server = '', address = '', until_ms = 0"
            + " where shard = ? and server = ? and epoch = ?",
        statement -> {
          statement.setInt(1, lease.shard());
          statement.setString(2, lease.server());
          statement.setLong(3, lease.epoch());
        });
  }

  @Override
  public Storage open(ShardLease lease) {
    return JdbcStorage.open(
        settings,
        context,
        new Connections(
            connections.options(),
            connections.dialect(),
            Optional.of(new Shard(SchemaNames.ofShard(schema, lease.shard()), schema, lease))));
  }

  @Override
  public Tables tables(int shard) {
    return new JdbcTables(
        shared, SchemaNames.quoted(SchemaNames.ofShard(schema, shard)) + ".mq_row");
  }

  @Override
  public void close() {
    shared.close();
  }

  private int update(String sql, Readers.Binding binding) {
    return shared.read(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        binding.bind(statement);
        return statement.executeUpdate();
      }
    });
  }
}
