package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an idle mover is woken. Calling costs every commit that calls a lock that all such commits
 * share, so applications call only while a row of the table of movers says that somebody sleeps:
 * under load nobody does. Whoever commits between a look at the table and the row that says so does
 * not call; the next look finds what it left.
 *
 * <p>Used by one thread.
 */
final class IntakeBell {

  private static final Logger LOG = LoggerFactory.getLogger(IntakeBell.class);
  private static final String CHANNEL = "escrowmq_intake";

  private final IntakeRows rows;
  private final Connections connections;
  private final boolean calls;
  private @Nullable Connection listening;
  private boolean asleep;

  IntakeBell(IntakeRows rows, Connections connections) {
    this.rows = rows;
    this.connections = connections;
    this.calls = connections.dialect().intake().calls();
  }

  /** Waits, but not longer than until somebody calls. */
  void await(Duration atMost, boolean idle) {
    if (!idle || !calls) {
      wake();
      pause(atMost);
      return;
    }
    if (!asleep) {
      if (!sleep()) {
        pause(atMost);
      }
      // Whatever was committed before the row said so did not call: look first.
      return;
    }
    listen(atMost);
  }

  /** Gives the connection back. */
  void close() {
    wake();
    drop();
  }

  private boolean sleep() {
    try {
      if (listening == null) {
        Connection opened = connections.open("intake");
        listening = opened;
        try (Statement statement = opened.createStatement()) {
          statement.execute("listen " + CHANNEL);
        }
      }
      mark(true);
      asleep = true;
      return true;
    } catch (SQLException | StorageException e) {
      LOG.debug("no calls for now, looking instead", e);
      drop();
      return false;
    }
  }

  private void wake() {
    if (asleep) {
      asleep = false;
      try {
        mark(false);
      } catch (StorageException e) {
        LOG.debug("applications go on calling; the next sleep ends that", e);
      }
    }
  }

  private void mark(boolean sleeps) {
    int _ =
        rows.update(
            "insert into "
                + rows.table("_mover")
                + " as mover (part, asleep) values (?, ?) on conflict (part) do update set asleep ="
                + " excluded.asleep where mover.asleep <> excluded.asleep",
            statement -> {
              statement.setInt(1, rows.scope().part());
              statement.setBoolean(2, sleeps);
            });
  }

  private void listen(Duration atMost) {
    Connection connection = listening;
    try {
      if (connection == null) {
        pause(atMost);
        return;
      }
      int patienceMs = (int) Math.max(1, atMost.toMillis());
      var _ = connection.unwrap(PGConnection.class).getNotifications(patienceMs);
    } catch (SQLException e) {
      LOG.debug("the connection for calls was lost, looking instead", e);
      drop();
      asleep = false;
    }
  }

  private static void pause(Duration atMost) {
    LockSupport.parkNanos(atMost.toNanos());
  }

  private void drop() {
    Connection connection = listening;
    listening = null;
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        LOG.debug("closing a connection failed, as it does when it is broken", e);
      }
    }
  }
}
