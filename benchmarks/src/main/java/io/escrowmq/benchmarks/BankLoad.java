package io.escrowmq.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/**
 * A bank in a schema of a PostgreSQL: transfers of two account updates and a journal row, and the
 * same with a message that is enqueued before the commit.
 */
final class BankLoad implements AutoCloseable {

  private static final int ACCOUNTS = 10_000;

  private final String url;
  private final int clients;
  private final byte[] body;
  private final ExecutorService threads;
  private final List<Teller> tellers = new ArrayList<>();

  BankLoad(String url, int clients, int bodyBytes) throws SQLException {
    this.url = url;
    this.clients = clients;
    this.body = new byte[bodyBytes];
    this.threads = Executors.newFixedThreadPool(clients);
    execute(
        "create table account (id int primary key, balance bigint not null) with (fillfactor = 70)");
    execute("insert into account select i, 1000 from generate_series(1, " + ACCOUNTS + ") i");
    execute(
        "create table journal (id bigint generated always as identity primary key, payer int not"
            + " null, payee int not null, amount bigint not null, at timestamptz not null default"
            + " now())");
    execute("vacuum analyze account");
    for (int i = 0; i < clients; i++) {
      tellers.add(new Teller(DriverManager.getConnection(url), new Random(i)));
    }
  }

  /** Transfers as fast as they go, with as many clients as there are. */
  Measurement transfers(String enqueue, Duration length) throws Exception {
    List<Callable<Histogram>> work = new ArrayList<>();
    long begin = System.nanoTime();
    for (Teller teller : tellers) {
      work.add(() -> {
        Histogram latency = new Histogram(3);
        while (System.nanoTime() - begin < length.toNanos()) {
          long started = System.nanoTime();
          teller.transfer(enqueue, body);
          latency.recordValue(System.nanoTime() - started);
        }
        return latency;
      });
    }
    Histogram all = new Histogram(3);
    for (Future<Histogram> done : threads.invokeAll(work)) {
      all.add(done.get());
    }
    long count = all.getTotalCount();
    return new Measurement(
        count, enqueue.isEmpty() ? 0 : count * body.length, System.nanoTime() - begin, all);
  }

  /** One transfer with this body. */
  void transfer(String enqueue, byte[] message) throws SQLException {
    tellers.getFirst().transfer(enqueue, message);
  }

  int clients() {
    return clients;
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long count(String table) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from " + table)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  @Override
  public void close() throws SQLException {
    threads.shutdown();
    for (Teller teller : tellers) {
      teller.connection.close();
    }
  }

  /** One client and its connection. */
  private static final class Teller {
    private final Connection connection;
    private final Random random;
    private final PreparedStatement move;
    private final PreparedStatement note;

    private Teller(Connection connection, Random random) throws SQLException {
      this.connection = connection;
      this.random = random;
      connection.setAutoCommit(false);
      this.move =
          connection.prepareStatement("update account set balance = balance + ? where id = ?");
      this.note =
          connection.prepareStatement(
              "insert into journal (payer, payee, amount) values (?, ?, ?)");
    }

    private void transfer(String enqueue, byte[] message) throws SQLException {
      int a = 1 + random.nextInt(ACCOUNTS);
      int b = 1 + random.nextInt(ACCOUNTS);
      // In the order of their numbers, so that transfers do not deadlock.
      move(Math.min(a, b), -1);
      move(Math.max(a, b), 1);
      note.setInt(1, a);
      note.setInt(2, b);
      note.setLong(3, 1);
      note.executeUpdate();
      if (!enqueue.isEmpty()) {
        try (PreparedStatement send = connection.prepareStatement(enqueue)) {
          send.setBytes(1, message);
          send.executeQuery().close();
        }
      }
      connection.commit();
    }

    private void move(int account, long amount) throws SQLException {
      move.setLong(1, amount);
      move.setInt(2, account);
      move.executeUpdate();
    }
  }
}
