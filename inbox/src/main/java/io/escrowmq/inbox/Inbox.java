package io.escrowmq.inbox;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * The messages that a consumer group has worked on, as rows of a table beside the group's other
 * tables. The row and the effects of a message are one local transaction: a message that is
 * delivered again finds its row and has no effects a second time. Acknowledge after the commit.
 *
 * <pre>{@code
 * inbox.once(dataSource, "credit-service", message.getMsgId(), connection -> credit(connection, message));
 * return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
 * }</pre>
 *
 * <p>While one transaction works on a message, another one with the same key waits for it to end
 * (the table's primary key sees to that), and works on the message itself if the first one rolled
 * back.
 *
 * <p>Immutable, thread-safe. Knows PostgreSQL, MariaDB, MySQL and H2; on any other database it uses
 * a savepoint. Read committed or repeatable read.
 */
public final class Inbox {

  /** Longest group name and message key, characters. */
  public static final int MOST_CHARACTERS = 255;

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");
  private static final int CLEANED_AT_ONCE = 1000;

  private final String table;
  private final Clock clock;

  private Inbox(String table, Clock clock) {
    this.table = table;
    this.clock = clock;
  }

  /** The table {@code escrow_inbox} where the connection looks first. */
  public static Inbox create() {
    return new Inbox("escrow_inbox", Clock.systemUTC());
  }

  /**
   * The table {@code escrow_inbox} in a schema.
   *
   * @throws IllegalArgumentException if the name is not a plain one
   */
  public static Inbox inSchema(String schema) {
    if (!NAME.matcher(schema).matches()) {
      throw new IllegalArgumentException(
          "the schema name '" + schema + "' has other characters than letters, digits and _");
    }
    return new Inbox(schema + ".escrow_inbox", Clock.systemUTC());
  }

  /** The same with another clock, for tests. */
  Inbox withClock(Clock changed) {
    return new Inbox(table, changed);
  }

  /**
   * Does the work in a transaction of its own, unless the group has worked on the message already.
   * If the work fails, everything is rolled back and the failure passed on: let the message be
   * delivered again.
   *
   * @return false if it was a duplicate; acknowledge it in either case
   * @throws SQLException if the database fails; the message is to be delivered again
   */
  public <X extends Exception> boolean once(
      DataSource database, String group, String messageKey, Work<X> work) throws X, SQLException {
    try (Connection connection = database.getConnection()) {
      boolean before = connection.getAutoCommit();
      connection.setAutoCommit(false);
      boolean complete = false;
      try {
        boolean first = once(connection, group, messageKey, work);
        connection.commit();
        complete = true;
        return first;
      } finally {
        if (!complete) {
          rollBack(connection);
        }
        connection.setAutoCommit(before);
      }
    }
  }

  /**
   * Does the work in the transaction that is open on the connection, unless the group has worked on
   * the message already. The caller commits, and acknowledges after that; if this throws, the
   * caller rolls back. In a Spring transaction, take the connection from {@code
   * DataSourceUtils.getConnection(dataSource)}.
   *
   * @param connection with auto-commit off
   * @param group whose effects happen once: the consumer group
   * @param messageKey what is the same for all deliveries of a message and for no other message:
   *     its unique key (the message id that clients see), or a key of the business
   * @return false if it was a duplicate
   * @throws IllegalStateException if the connection commits every statement by itself
   * @throws IllegalArgumentException if group or key are empty or too long
   */
  public <X extends Exception> boolean once(
      Connection connection, String group, String messageKey, Work<X> work) throws X, SQLException {
    check("group", group);
    check("message key", messageKey);
    if (connection.getAutoCommit()) {
      throw new IllegalStateException(
          "the connection commits every statement by itself, so the effects could stay without the"
              + " note about them: switch auto-commit off, or use once(DataSource, ...)");
    }
    if (!Vendor.of(connection).insert(connection, table, group, messageKey, clock.millis())) {
      return false;
    }
    boolean complete = false;
    try {
      work.on(connection);
      complete = true;
      return true;
    } finally {
      if (!complete) {
        forget(connection, group, messageKey);
      }
    }
  }

  /**
   * Removes rows of messages that were worked on before, some at a time. How long to keep them: as
   * long as a duplicate may come, which is the retention of the messages at most.
   *
   * @return how many rows were removed
   */
  public int clean(DataSource database, Duration olderThan) throws SQLException {
    long before = clock.millis() - olderThan.toMillis();
    int removed = 0;
    try (Connection connection = database.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(true);
      try {
        int last;
        do {
          last = Vendor.of(connection).clean(connection, table, before, CLEANED_AT_ONCE);
          removed += last;
        } while (last > 0);
      } finally {
        connection.setAutoCommit(autoCommit);
      }
    }
    return removed;
  }

  /**
   * The script that creates the table: the same for every database that has the types {@code
   * varchar} and {@code bigint}. Keys are compared as they are: on MariaDB and MySQL the columns
   * get a binary collation.
   *
   * @param product as {@link java.sql.DatabaseMetaData#getDatabaseProductName} says
   */
  public static String ddl(String product) {
    String name = product.toLowerCase(Locale.ROOT);
    boolean collates = name.contains("mariadb") || name.contains("mysql");
    String collation = collates ? " character set utf8mb4 collate utf8mb4_bin" : "";
    return """
    create table escrow_inbox (
      consumer_group  varchar(255)%1$s not null,
      message_key     varchar(255)%1$s not null,
      processed_at_ms bigint not null,
      primary key (consumer_group, message_key)
    );
    create index escrow_inbox_by_time on escrow_inbox (processed_at_ms);
    """
        .formatted(collation);
  }

  /** Takes the note back, so that a caller that commits all the same does not lose the message. */
  private void forget(Connection connection, String group, String messageKey) {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "delete from " + table + " where consumer_group = ? and message_key = ?")) {
      statement.setString(1, group);
      statement.setString(2, messageKey);
      statement.executeUpdate();
    } catch (SQLException e) {
      // The transaction is broken and cannot be committed any more: nothing is left to take back.
      rollBack(connection);
    }
  }

  private static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // A connection that cannot even roll back is lost, and the database rolls back by itself.
      Objects.requireNonNull(e);
    }
  }

  private static void check(String what, String value) {
    int length = value.length();
    if (length == 0 || length > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " has "
              + length
              + " characters ("
              + value.getBytes(StandardCharsets.UTF_8).length
              + " bytes), it may have 1 to "
              + MOST_CHARACTERS);
    }
  }
}
