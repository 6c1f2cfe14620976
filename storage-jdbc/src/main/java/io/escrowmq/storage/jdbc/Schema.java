package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables: created and upgraded by Flyway, or by an administrator who runs the same scripts. The
 * table {@code mq_schema} says which version is there; nothing else is guessed from.
 */
public final class Schema {

  /** The version that this engine works with. */
  static final int VERSION = 1;

  private static final List<String> VENDORS = List.of("postgresql", "mariadb", "h2");
  private static final List<String> SCRIPTS = List.of("V1__store.sql");
  private static final String FOLDER = "io/escrowmq/storage/jdbc/";
  private static final String H2_NO_DATABASE = "90146";
  private static final int NONE = 0;
  private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

  /** The tables of a store. */
  static final Part STORE = new Part("", "mq_schema", "mq_flyway_history");

  /** The tables that servers share. */
  static final Part CLUSTER = new Part("-cluster", "mq_cluster", "mq_cluster_history");

  private final Connections connections;
  private final Part part;

  Schema(Connections connections, Part part) {
    this.connections = connections;
    this.part = part;
  }

  /**
   * Tables that belong together.
   *
   * @param suffix of the folder of their scripts
   * @param versions the table that says which version they have
   * @param history where migrations are recorded
   */
  record Part(String suffix, String versions, String history) {}

  /** The databases that have scripts. */
  public static List<String> vendors() {
    return VENDORS;
  }

  /**
   * The scripts of a vendor, for administrators who run them by hand.
   *
   * @throws IllegalArgumentException if there are none for this vendor
   */
  public static String script(String vendor) {
    if (!VENDORS.contains(vendor)) {
      throw new IllegalArgumentException(
          "no tables for " + vendor + "; there are scripts for " + VENDORS);
    }
    StringBuilder script = new StringBuilder();
    SCRIPTS.forEach(name -> script.append(read(FOLDER + vendor + "/" + name)).append('\n'));
    return script.toString();
  }

  /**
   * The scripts for servers that share a database: the tables of the cluster in one schema, a store
   * in each of the schemas beside it. PostgreSQL only.
   *
   * @param schema that the servers' URL names
   */
  public static String sharedScript(String schema, int shards) {
    StringBuilder script = new StringBuilder();
    beginSchema(script, schema).append(part(CLUSTER, "postgresql"));
    for (int shard = 0; shard < shards; shard++) {
      beginSchema(script, SchemaNames.ofShard(schema, shard)).append(part(STORE, "postgresql"));
    }
    return script.toString();
  }

  private static StringBuilder beginSchema(StringBuilder script, String schema) {
    String name = SchemaNames.quoted(schema);
    return script
        .append("create schema if not exists ")
        .append(name)
        .append(";\nset search_path to ")
        .append(name)
        .append(";\n\n");
  }

  private static String part(Part part, String vendor) {
    String folder = FOLDER + vendor + part.suffix() + "/";
    String first = part.equals(CLUSTER) ? "V1__cluster.sql" : "V1__store.sql";
    return read(folder + first) + '\n';
  }

  /**
   * Makes sure that the tables are the ones this engine knows.
   *
   * @throws StorageException.Unavailable if they are not, with what to do about it
   */
  void prepare() throws SQLException {
    checkServer();
    int found = found();
    if (found > VERSION) {
      throw unusable(
          "the tables have version " + found + ", this server knows up to " + VERSION,
          "Start the newer server that upgraded them, or restore a backup from before.");
    }
    if (found == VERSION) {
      return;
    }
    if (connections.options().schema() == JdbcOptions.SchemaPolicy.VALIDATE) {
      throw unusable(
          found == NONE
              ? "the database has no EscrowMQ tables"
              : "the tables have version " + found + ", this server needs " + VERSION,
          "Let an administrator run what ./mq storage ddl --vendor "
              + connections.dialect().vendor()
              + " prints, or set escrowmq.storage.jdbc.schema=migrate.");
    }
    migrate(found);
  }

  private void migrate(int found) {
    JdbcOptions options = connections.options();
    String user = options.username().isEmpty() ? null : options.username();
    try {
      Flyway.configure(Schema.class.getClassLoader())
          .dataSource(new PlainDataSource(connections))
          .locations("classpath:" + FOLDER + connections.dialect().vendor() + part.suffix())
          .table(part.history())
          // Other tables may live in this schema, and an administrator may have begun by hand.
          .baselineOnMigrate(true)
          .baselineVersion(Integer.toString(found))
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new StorageException.Unavailable(
          StorageException.Kind.FATAL,
          "the tables could not be created"
              + (user == null ? "" : " by user " + user)
              + ": "
              + SqlFailure.firstLine(e),
          halfApplied()
              ? "The database keeps the part that was made, and the failure in "
                  + part.history()
                  + ". Remove the cause, then run: delete from "
                  + part.history()
                  + " where not success; and start again: the script goes on where it broke off."
              : "Grant the right to create tables in the schema, or let an administrator run what"
                  + " ./mq storage ddl --vendor "
                  + connections.dialect().vendor()
                  + " prints.",
          e);
    }
  }

  /** True if a migration failed and the database could not take it back as a whole. */
  private boolean halfApplied() {
    try (Connection connection = connections.open("schema");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from " + part.history() + " where not success")) {
      return row.next() && row.getInt(1) > 0;
    } catch (SQLException e) {
      LOG.debug("whether a migration was half applied cannot be read", e);
      return false;
    }
  }

  private void checkServer() throws SQLException {
    try (Connection connection = connections.open("schema")) {
      Optional<String> unfit = connections.dialect().unfit(connection);
      if (unfit.isPresent()) {
        throw unusable(unfit.get(), "Choose a database that docs/operating/databases.md lists.");
      }
    }
  }

  /** True if there are tables, of any version. Creates no database. */
  boolean exists() throws SQLException {
    try (Connection connection = connections.openExisting("schema")) {
      return found(connection) != NONE;
    } catch (SQLException e) {
      if (H2_NO_DATABASE.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private int found() throws SQLException {
    try (Connection connection = connections.open("schema")) {
      return found(connection);
    }
  }

  private int found(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select max(version) from " + part.versions())) {
      return row.next() ? row.getInt(1) : NONE;
    } catch (SQLException e) {
      // 42P01 in PostgreSQL, 42S02 in MariaDB, 42S02 and 42S04 in H2: there is no such table.
      if (e.getSQLState() != null && e.getSQLState().startsWith("42")) {
        return NONE;
      }
      throw e;
    }
  }

  private static StorageException unusable(String what, String remedy) {
    return new StorageException.Unavailable(StorageException.Kind.FATAL, what, remedy);
  }

  static String read(String resource) {
    try (InputStream in = Schema.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the engine's jar has no " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
