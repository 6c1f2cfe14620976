package io.escrowmq.samples.bank;

import com.zaxxer.hikari.HikariDataSource;
import io.escrowmq.samples.bank.contract.ClientSettings;
import io.escrowmq.samples.bank.credit.CreditDatabase;
import io.escrowmq.samples.bank.credit.CreditService;
import io.escrowmq.samples.bank.debit.DebitDatabase;
import io.escrowmq.samples.bank.debit.DebitService;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.apache.rocketmq.client.exception.MQClientException;

/**
 * One run of the demo:
 *
 * <ol>
 *   <li>half of the transfers, while a second instance of the debit service walks to its crash
 *       points and is killed;
 *   <li>some of the other half, then the server is killed under load and started again, while the
 *       senders go on trying;
 *   <li>a wait until every transfer has its end: the money arrived, or was never taken;
 *   <li>the audit.
 * </ol>
 */
final class DemoRun {
  private static final long OPENING_BALANCE_CENTS = 10_000_00;
  private static final int QUEUES = 4;
  private static final int CONNECTIONS = 16;
  private static final Duration SEND_PATIENCE = Duration.ofMinutes(2);
  private static final Duration SETTLE_PATIENCE = Duration.ofMinutes(3);

  private final DemoOptions options;
  private final Path workDir;
  private final PrintStream out;
  private final Clock clock = Clock.systemUTC();
  private final List<PlannedTransfer> plan;
  private final PlannedFaults faults;
  private final Scoreboard scoreboard;
  private final Instant begin;

  DemoRun(DemoOptions options, Path workDir, PrintStream out) {
    this.options = options;
    this.workDir = workDir;
    this.out = out;
    this.plan = PlannedTransfer.plan(options.transfers(), options.accounts(), options.seed());
    this.faults = new PlannedFaults(plan);
    this.scoreboard = new Scoreboard(plan, clock);
    this.begin = clock.instant();
  }

  /** Runs it and prints the result; says whether the money was conserved. */
  boolean run() {
    out.println(
        "Bank transfer: "
            + plan.size()
            + " transfers between two banks, seed "
            + options.seed()
            + ".");
    try {
      if (options.address().isPresent()) {
        return runOn(options.address().get(), Optional.empty());
      }
      try (ServerProcess server =
          new ServerProcess(
              options.java(), options.serverJar().orElseThrow(), workDir, options.settings())) {
        // Ctrl-C must not leave a server behind.
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        server.start();
        out.println("Server started; its name server is at " + server.nameServer() + ".");
        return runOn(server.nameServer(), Optional.of(server));
      }
    } catch (IOException e) {
      throw new DemoFailure(
          "A process cannot be run: " + e,
          "Check --java and --server-jar, and the space on disk.",
          e);
    } catch (SQLException e) {
      throw new DemoFailure(
          "The demo's own database failed: " + firstLine(e),
          "Check the space on disk and run it again.",
          e);
    } catch (MQClientException e) {
      throw new DemoFailure(
          "The client cannot work with the server: " + e.getMessage(),
          "Check that the server runs and is reachable.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoFailure("The demo was interrupted.", "Run it again.", e);
    }
  }

  private boolean runOn(String nameServer, Optional<ServerProcess> server)
      throws IOException, SQLException, MQClientException, InterruptedException {
    try (Databases databases = Databases.start(workDir);
        HikariDataSource debitSide = databases.debit().connect(CONNECTIONS);
        HikariDataSource creditSide = databases.credit().connect(CONNECTIONS)) {
      DebitDatabase debits = new DebitDatabase(debitSide, clock);
      CreditDatabase credits = new CreditDatabase(creditSide, clock);
      debits.create(options.accounts(), OPENING_BALANCE_CENTS);
      credits.create(options.accounts(), OPENING_BALANCE_CENTS);

      // On a server that lives longer than the demo, each run must have its own names.
      String run =
          server.isPresent() ? "" : "-" + Long.toString(begin.toEpochMilli(), Character.MAX_RADIX);
      ClientSettings debitSettings =
          new ClientSettings(nameServer, "bank-transfers" + run, "debit-service" + run, "debit-1");
      ClientSettings creditSettings =
          new ClientSettings(
              nameServer, "bank-transfers" + run, "credit-service" + run, "credit-1");
      try (DebitService debitService =
              new DebitService(debitSettings, debits, clock, faults, scoreboard);
          CreditService creditService =
              new CreditService(creditSettings, credits, faults, scoreboard);
          Senders senders = new Senders(debitService, scoreboard)) {
        debitService.start();
        debitService.createTopic(QUEUES, SEND_PATIENCE);
        creditService.start();
        out.println("Two debit instances, one credit instance. Watch the money:");
        try (ProgressBar bar = ProgressBar.show(out, scoreboard, System.getenv())) {
          firstHalf(debitSettings, databases.debit(), senders, bar);
          secondHalf(server, senders, bar);
          awaitSettled(server);
        }
      }
      return report(debitSide, creditSide, server.map(ServerProcess::kills).orElse(0));
    }
  }

  private void firstHalf(
      ClientSettings settings, Databases.Access database, Senders senders, ProgressBar bar)
      throws IOException, InterruptedException {
    List<PlannedTransfer> doomedPlan =
        plan.stream().filter(planned -> planned.fate().killsItsSender()).toList();
    ClientSettings second =
        new ClientSettings(settings.nameServer(), settings.topic(), settings.group(), "debit-2");
    try (DoomedProcess doomed =
        DoomedProcess.start(second, database, workDir, doomedPlan, scoreboard)) {
      List<PlannedTransfer> living = living();
      Senders.await(senders.order(living.subList(0, living.size() / 2)));
      doomed.killAtCrashPoints();
    }
    bar.say(
        "Killed the second debit instance with "
            + doomedPlan.size()
            + " transfers in its hands, half of them debited. The other instance will be asked.");
  }

  private void secondHalf(Optional<ServerProcess> server, Senders senders, ProgressBar bar)
      throws IOException, InterruptedException {
    List<PlannedTransfer> living = living();
    int half = living.size() / 2;
    List<Future<?>> orders = senders.order(living.subList(half, living.size()));
    if (server.isPresent() && options.kill()) {
      int killAfter = half + (living.size() - half) / 4;
      scoreboard.await(
          () -> scoreboard.attemptedSoFar() >= killAfter, SEND_PATIENCE, server.get()::checkAlive);
      server.get().kill();
      bar.say(
          "Killed the server with SIGKILL after "
              + scoreboard.attemptedSoFar()
              + " sends. Starting it again.");
      server.get().start();
      bar.say("The server is back.");
    }
    Senders.await(orders);
  }

  private List<PlannedTransfer> living() {
    return plan.stream().filter(planned -> !planned.fate().killsItsSender()).toList();
  }

  private void awaitSettled(Optional<ServerProcess> server) throws InterruptedException {
    boolean settled =
        scoreboard.await(
            () ->
                scoreboard.settled() == scoreboard.total()
                    && scoreboard.duplicates() >= faults.acknowledgementsLost(),
            SETTLE_PATIENCE,
            () -> server.ifPresent(ServerProcess::checkAlive));
    if (!settled) {
      List<String> open = scoreboard.open();
      out.println();
      out.println(
          "Not everything was settled within "
              + SETTLE_PATIENCE.toSeconds()
              + " s: "
              + open.size()
              + " transfers are open "
              + open.subList(0, Math.min(open.size(), 10))
              + ", "
              + scoreboard.duplicates()
              + " of at least "
              + faults.acknowledgementsLost()
              + " unacknowledged messages came again. The audit follows.");
    }
  }

  private boolean report(DataSource debitSide, DataSource creditSide, int kills)
      throws SQLException {
    Audit audit = Audit.of(debitSide, creditSide, 2L * options.accounts() * OPENING_BALANCE_CENTS);
    out.println();
    out.print(
        new ResultTable()
            .row("transfers", plan.size())
            .row("committed", audit.debits())
            .row("rolled back", (long) plan.size() - audit.debits())
            .row("settled by check-back", scoreboard.settledByCheckBack())
            .row("duplicates filtered", scoreboard.duplicates())
            .row("server kills (SIGKILL)", kills)
            .row("seconds", Duration.between(begin, clock.instant()).toSeconds())
            .row("money before", Money.text(audit.moneyBeforeCents()))
            .row("money after", Money.text(audit.moneyAfterCents()))
            .row("money conserved", audit.conserved() ? "yes" : "NO"));
    if (!audit.conserved()) {
      out.println();
      out.println("What is wrong:");
      audit.summary().forEach(line -> out.println("  " + line));
    }
    return audit.conserved();
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
