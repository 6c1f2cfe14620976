package io.escrowmq.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.dev.postgres.DevPostgres;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Effects happen once, whatever comes twice and whoever dies in between. */
class InboxTest {

  private static final String GROUP = "credit-service";
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private static DevPostgres postgres;

  private final Inbox inbox = Inbox.create();

  enum Database {
    POSTGRESQL,
    H2;

    DataSource fresh() throws SQLException {
      int number = DATABASES.incrementAndGet();
      DataSource source = this == H2 ? h2(number) : postgres(number);
      run(source, "create table effect (message varchar(100), worker varchar(100))");
      for (String statement : Inbox.ddl(name()).split(";\n", 2)) {
        run(source, statement);
      }
      return source;
    }

    private static DataSource h2(int number) {
      return connectingTo("jdbc:h2:mem:inbox" + number + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000");
    }

    private static DataSource postgres(int number) {
      return connectingTo(postgres.url("inbox" + number));
    }
  }

  private static DataSource connectingTo(String url) {
    return (DataSource)
        Proxy.newProxyInstance(
            InboxTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> DriverManager.getConnection(url));
  }

  @BeforeAll
  static void start() {
    postgres = DevPostgres.start();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @ParameterizedTest
  @EnumSource
  void aMessageThatComesAgainHasNoEffectsAgain(Database database) throws Exception {
    DataSource source = database.fresh();

    assertThat(inbox.once(source, GROUP, "m1", c -> effect(c, "m1", "a"))).isTrue();
    assertThat(inbox.once(source, GROUP, "m1", c -> effect(c, "m1", "b"))).isFalse();
    assertThat(inbox.once(source, "other-group", "m1", c -> effect(c, "m1", "c"))).isTrue();
    assertThat(inbox.once(source, GROUP, "M1", c -> effect(c, "M1", "d"))).isTrue();

    assertThat(effects(source)).containsExactlyInAnyOrder("m1/a", "m1/c", "M1/d");
  }

  @ParameterizedTest
  @EnumSource
  void workThatFailsLeavesNothingAndMayBeDoneAgain(Database database) throws Exception {
    DataSource source = database.fresh();

    assertThatThrownBy(() ->
            inbox.once(
                source,
                GROUP,
                "m1",
                c -> {
                  effect(c, "m1", "failed");
                  throw new IllegalStateException("the account is closed");
                }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(effects(source)).isEmpty();
    assertThat(inbox.once(source, GROUP, "m1", c -> effect(c, "m1", "again"))).isTrue();
    assertThat(effects(source)).containsExactly("m1/again");
  }

  @ParameterizedTest
  @EnumSource
  void aCallerThatCommitsAfterAFailureDoesNotLoseTheMessage(Database database) throws Exception {
    DataSource source = database.fresh();
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() ->
              inbox.once(
                  connection,
                  GROUP,
                  "m1",
                  c -> {
                    throw new IllegalStateException("before any effect");
                  }))
          .isInstanceOf(IllegalStateException.class);
      connection.commit();
      assertThatThrownBy(() -> inbox.once(connection, GROUP, "m2", c -> run(c, "select no_such")))
          .isInstanceOf(SQLException.class);
      connection.commit();
    }

    assertThat(inbox.once(source, GROUP, "m1", c -> effect(c, "m1", "later"))).isTrue();
    assertThat(inbox.once(source, GROUP, "m2", c -> effect(c, "m2", "later"))).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aDuplicateWaitsForTheFirstAndTakesOverIfThatRollsBack(Database database) throws Exception {
    DataSource source = database.fresh();
    for (boolean commits : List.of(true, false)) {
      String key = "waits-" + commits;
      ExecutorService second = Executors.newSingleThreadExecutor();
      try (Connection first = source.getConnection()) {
        first.setAutoCommit(false);
        assertThat(inbox.once(first, GROUP, key, c -> effect(c, key, "first"))).isTrue();
        CountDownLatch begun = new CountDownLatch(1);
        Future<Boolean> answer =
            second.submit(() -> {
              begun.countDown();
              return inbox.once(source, GROUP, key, c -> effect(c, key, "second"));
            });
        begun.await();
        assertThatThrownBy(() -> answer.get(300, TimeUnit.MILLISECONDS))
            .isInstanceOf(java.util.concurrent.TimeoutException.class);
        if (commits) {
          first.commit();
        } else {
          // What the database does when the first one's process dies.
          first.rollback();
        }
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(!commits);
      } finally {
        second.shutdown();
      }
    }
    assertThat(effects(source)).containsExactlyInAnyOrder("waits-true/first", "waits-false/second");
  }

  @ParameterizedTest
  @EnumSource
  void manyConsumersWithManyDuplicatesAndCrashes(Database database) throws Exception {
    DataSource source = database.fresh();
    long seed = Instant.now().toEpochMilli();
    System.out.println("InboxTest seed " + seed);
    int messages = 60;
    ExecutorService consumers = Executors.newFixedThreadPool(6);
    List<Callable<Boolean>> deliveries = new ArrayList<>();
    for (int consumer = 0; consumer < 6; consumer++) {
      Random random = new Random(seed + consumer);
      String name = "c" + consumer;
      deliveries.add(() -> {
        for (int delivery = 0; delivery < messages * 3; delivery++) {
          deliver(source, "m" + random.nextInt(messages), name, random.nextInt(4) == 0);
        }
        return true;
      });
    }
    try {
      for (Future<Boolean> done : consumers.invokeAll(deliveries)) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      consumers.shutdown();
    }
    for (int i = 0; i < messages; i++) {
      deliver(source, "m" + i, "last", false);
    }
    List<String> all =
        effects(source).stream().map(text -> text.substring(0, text.indexOf('/'))).toList();
    assertThat(all).as("seed " + seed).doesNotHaveDuplicates().hasSize(messages);
  }

  @ParameterizedTest
  @EnumSource
  void oldRowsGoAndYoungOnesStay(Database database) throws Exception {
    DataSource source = database.fresh();
    Instant now = Instant.now();
    Inbox earlier = inbox.withClock(Clock.fixed(now.minus(Duration.ofDays(8)), ZoneOffset.UTC));
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 2500; i++) {
        assertThat(earlier.once(connection, GROUP, "old" + i, c -> {})).isTrue();
      }
      connection.commit();
    }
    assertThat(inbox.once(source, GROUP, "young", c -> {})).isTrue();

    assertThat(inbox.clean(source, Duration.ofDays(7))).isEqualTo(2500);
    assertThat(inbox.once(source, GROUP, "young", c -> {})).isFalse();
    assertThat(inbox.once(source, GROUP, "old1", c -> {})).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeAtomicIsRefused(Database database) throws Exception {
    DataSource source = database.fresh();
    try (Connection connection = source.getConnection()) {
      assertThatThrownBy(() -> inbox.once(connection, GROUP, "m1", c -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("auto-commit");
    }
    assertThatThrownBy(() -> inbox.once(source, GROUP, "k".repeat(256), c -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("256");
    assertThatThrownBy(() -> Inbox.inSchema("bank;drop"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** One delivery; a crash loses the connection between the effects and the commit. */
  private void deliver(DataSource source, String key, String worker, boolean crash)
      throws SQLException {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      boolean unused = inbox.once(connection, GROUP, key, c -> effect(c, key, worker));
      if (crash) {
        connection.rollback();
      } else {
        connection.commit();
      }
    }
  }

  private static void effect(Connection connection, String message, String worker)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into effect values (?, ?)")) {
      statement.setString(1, message);
      statement.setString(2, worker);
      statement.executeUpdate();
    }
  }

  private static List<String> effects(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select message, worker from effect")) {
      List<String> found = new ArrayList<>();
      while (row.next()) {
        found.add(row.getString(1) + "/" + row.getString(2));
      }
      return found;
    }
  }

  private static void run(DataSource source, String sql) throws SQLException {
    try (Connection connection = source.getConnection()) {
      run(connection, sql);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
