package io.escrowmq.crash.bank;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.escrowmq.samples.bank.contract.ClientSettings;
import io.escrowmq.samples.bank.contract.Transfer;
import io.escrowmq.samples.bank.credit.CreditDatabase;
import io.escrowmq.samples.bank.credit.CreditObserver;
import io.escrowmq.samples.bank.credit.CreditService;
import io.escrowmq.samples.bank.debit.DebitDatabase;
import io.escrowmq.samples.bank.debit.DebitFaults;
import io.escrowmq.samples.bank.debit.DebitService;
import io.escrowmq.samples.bank.debit.TransferFailedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * A service of the bank as a process. It sends or receives until its standard input says {@code
 * quiet}; then it only answers check-backs or receives, without faults. It ends with its standard
 * input.
 */
final class BranchMain {

  static final int ACCOUNTS = 20;
  static final long OPENING_CENTS = 500_000;

  private static final int LANES = 2;

  /** Between transfers: the machine is to have time for kills. */
  private static final int MOST_PAUSE_MS = 150;

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration ASKABLE = Duration.ofSeconds(30);
  private static final int REFUSED_PERCENT = 10;

  private final BranchSettings settings;
  private final FaultPoints points;
  private final CountDownLatch quiet = new CountDownLatch(1);
  private final CountDownLatch sending = new CountDownLatch(1);

  private BranchMain(BranchSettings settings) {
    this.settings = settings;
    this.points =
        new FaultPoints(
            settings.files().resolve("halts.log"), settings.name(), settings.haltAfter());
  }

  /** Arguments: see {@link BranchSettings#toArguments()}. */
  public static void main(String[] arguments) {
    int status = 1;
    try {
      new BranchMain(BranchSettings.of(arguments)).work();
      status = 0;
    } catch (Exception e) {
      // The client's start fails while the server is away: somebody starts this service again.
      System.out.println("not working, to be started again: " + e);
    }
    // Threads of the client outlive its shutdown, and its failure; nobody waits for them.
    Runtime.getRuntime().halt(status);
  }

  private void work() throws Exception {
    HikariConfig pool = new HikariConfig();
    pool.setJdbcUrl(settings.url());
    pool.setMaximumPoolSize(6);
    pool.setConnectionTimeout(3000);
    pool.setInitializationFailTimeout(-1);
    pool.addDataSourceProperty("socketTimeout", "20");
    // Or the pool never works again if the database dies while it asks for it (HikariCP #1944).
    pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    try (HikariDataSource database = new HikariDataSource(pool)) {
      DataSource watched = WatchedDataSource.of(database, points, settings.sabotage());
      switch (settings.role()) {
        case SENDER -> send(watched);
        case RECEIVER -> receive(watched);
      }
    }
  }

  private ClientSettings client(String topic, String group) {
    return new ClientSettings(
        settings.nameServer(), topic, group, settings.name() + "-" + settings.incarnation());
  }

  private void send(DataSource database) throws Exception {
    BranchSettings.Side side = settings.side();
    DebitDatabase debits = new DebitDatabase(database, Clock.systemUTC());
    try (DebitService service =
            new DebitService(
                client(side.topic(), side.senders()),
                debits,
                Clock.systemUTC(),
                new Faults(),
                (transfer, state) -> points.reached("check answered"));
        Liar liar = new Liar(settings)) {
      service.start();
      liar.start();
      for (int lane = 0; lane < LANES; lane++) {
        int number = lane;
        Thread thread = new Thread(() -> sendLane(service, liar, number), "lane-" + lane);
        thread.setDaemon(true);
        thread.start();
      }
      obey();
    }
  }

  private void sendLane(DebitService service, Liar liar, int lane) {
    String prefix = settings.name() + "." + settings.incarnation() + "." + lane + "-";
    // The same name gives the same transfers, so that the campaign's seed decides about them.
    Random random = new Random(prefix.hashCode());
    try {
      for (int number = 1;
          !quiet.await(random.nextInt(MOST_PAUSE_MS), TimeUnit.MILLISECONDS);
          number++) {
        points.reached("before half");
        if (random.nextInt(100) < settings.liesPercent()) {
          liar.lie("lie-" + prefix + number, random.nextBoolean());
        } else {
          transfer(service, transfer(prefix + number, random));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Transfer transfer(String id, Random random) {
    long cents =
        random.nextInt(100) < REFUSED_PERCENT
            ? DebitDatabase.TRANSFER_LIMIT_CENTS + 1
            : 1 + random.nextInt(500);
    return new Transfer(id, random.nextInt(ACCOUNTS), random.nextInt(ACCOUNTS), cents);
  }

  private void transfer(DebitService service, Transfer transfer) throws InterruptedException {
    try {
      service.transfer(transfer, PATIENCE);
      points.reached("after END");
      sending.countDown();
    } catch (TransferFailedException e) {
      // Expected while the server is down: nothing was taken, the customer is told to come again.
      System.out.println(e.getMessage());
    }
  }

  private void receive(DataSource database) throws Exception {
    BranchSettings.Side side = settings.side();
    CreditObserver observer = new Received();
    try (CreditService service =
        new CreditService(
            client(side.other().topic(), "bank-receivers-" + side),
            new CreditDatabase(database, Clock.systemUTC()),
            // Every 16th acknowledgement is lost.
            transfer -> Math.floorMod(transfer.id().hashCode(), 16) == 0,
            observer)) {
      service.start();
      obey();
    }
  }

  /** Returns when the standard input ends. */
  private void obey() throws IOException {
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      if (order.equals("quiet")) {
        points.disarm();
        awaitAskable();
        quiet.countDown();
      }
    }
  }

  /** A client that has sent nothing yet has no connection on which the server could ask it. */
  private void awaitAskable() {
    try {
      if (settings.role() == BranchSettings.Role.SENDER
          && !sending.await(ASKABLE.toSeconds(), TimeUnit.SECONDS)) {
        System.out.println("quiet without having sent anything");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Faults implements DebitFaults {

    @Override
    public void beforeDebit(Transfer transfer, String txId) {
      points.reached("after half");
      try {
        // A slow local transaction; only quiet ends it early, which changes nothing.
        boolean slow = Math.floorMod(transfer.id().hashCode(), 2) == 0;
        quiet.await(slow ? settings.slownessMs() : 0, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void afterDebit(Transfer transfer, String txId) {
      points.reached("before END");
    }

    @Override
    public boolean losesOutcome(Transfer transfer) {
      return Math.floorMod(transfer.id().hashCode(), 16) == 1;
    }
  }

  private final class Received implements CreditObserver {

    @Override
    public void credited(Transfer transfer) {
      points.reached("before acknowledgement");
    }

    @Override
    public void duplicateFiltered(Transfer transfer) {
      points.reached("before acknowledgement of a duplicate");
    }
  }
}
