package io.escrowmq.storage.jdbc;

import static io.escrowmq.spi.storage.Mishap.NODE_LOSS;
import static io.escrowmq.spi.storage.Mishap.POWER_CUT;
import static io.escrowmq.spi.storage.Mishap.SERVER_KILL;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Durability;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the engine claims depends on the settings of the database. */
class PromiseTest {

  @TempDir Path directory;

  @Test
  void aDatabaseThatSyncsKeepsItsCommits() throws SQLException {
    Promise promise = postgres("");
    assertThat(promise.survives(Durability.DURABLE))
        .containsExactlyInAnyOrder(SERVER_KILL, POWER_CUT);
    assertThat(promise.survives(Durability.WRITTEN)).containsExactly(SERVER_KILL);
    assertThat(promise.survives(Durability.REPLICATED)).isEmpty();
    assertThat(promise.warning()).isEmpty();
  }

  @Test
  void anAsynchronousDefaultIsOverruled() throws SQLException {
    assertThat(postgres("&options=-c%20synchronous_commit=off").durable()).contains(POWER_CUT);
  }

  @Test
  void tornPagesAreNotKept() throws SQLException {
    with(
        "full_page_writes",
        "off",
        () -> {
          assertThat(postgres("").durable()).containsExactly(SERVER_KILL);
          assertThat(postgres("").warning())
              .hasValueSatisfying(text -> assertThat(text).contains("full_page_writes = off"));
        });
  }

  @Test
  void synchronousReplicasSurviveTheNode() throws SQLException {
    with(
        "synchronous_standby_names",
        "*",
        () -> {
          assertThat(postgres("").durable())
              .containsExactlyInAnyOrder(SERVER_KILL, POWER_CUT, NODE_LOSS);
          assertThat(postgres("").written()).containsExactly(SERVER_KILL);
          assertThat(postgres("&options=-c%20synchronous_commit=local").durable())
              .containsExactlyInAnyOrder(SERVER_KILL, POWER_CUT);
        });
  }

  @Test
  void aDatabaseInMemoryKeepsNothing() throws SQLException {
    Dialect h2 = new H2Dialect();
    try (Connection memory = DriverManager.getConnection("jdbc:h2:mem:promise");
        Connection file = DriverManager.getConnection("jdbc:h2:file:" + directory.resolve("f"))) {
      assertThat(Promise.of(h2, memory).durable()).isEmpty();
      assertThat(Promise.of(h2, memory).written()).isEmpty();
      assertThat(Promise.of(h2, file).durable()).contains(SERVER_KILL);
    }
  }

  private Promise postgres(String more) throws SQLException {
    Dialect dialect = new PostgresDialect();
    try (Connection connection =
        DriverManager.getConnection(PostgresServer.urlFor(directory) + more)) {
      dialect.prepareWriter(connection);
      return Promise.of(dialect, connection);
    }
  }

  /** Changes a setting of the whole server for a while. */
  private void with(String setting, String value, Check check) throws SQLException {
    String url = PostgresServer.urlFor(directory);
    String before = show(url, setting);
    try {
      PostgresServer.execute(url, "alter system set " + setting + " = '" + value + "'");
      reload(url, setting, value);
      check.run();
    } finally {
      PostgresServer.execute(url, "alter system reset " + setting);
      reload(url, setting, before);
    }
  }

  private static void reload(String url, String name, String value) {
    PostgresServer.execute(url, "select pg_reload_conf()");
    Awaitility.await().until(() -> show(url, name).equals(value));
  }

  private static String show(String url, String name) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery("show " + name)) {
      answer.next();
      return answer.getString(1);
    }
  }

  private interface Check {
    void run() throws SQLException;
  }
}
