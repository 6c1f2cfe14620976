package io.escrowmq.crash.bank;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.escrowmq.crash.bank.BankVerdict.Violation;
import io.escrowmq.crash.bank.BranchSettings.Role;
import io.escrowmq.crash.bank.BranchSettings.Side;
import io.escrowmq.crash.bank.Evidence.LieReply;
import io.escrowmq.crash.bank.RoughNetwork.Trouble;
import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.samples.bank.credit.CreditDatabase;
import io.escrowmq.samples.bank.debit.DebitDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Transfers in both directions between two databases while everything that takes part is killed or
 * stands still for a while. Meanwhile and afterwards the money is counted, and databases, visible
 * messages and the audit trail must tell the same story of each transfer. Everything random comes
 * from the seed, only the timing does not.
 */
final class BankCampaign {

  private static final int MOST_BETWEEN_FAULTS_MS = 1500;
  private static final int SLICE_MS = 100;
  private static final int SETTLING_MS = 20_000;
  private static final int FIRST_TRANSFERS = 10;

  private final Path directory;
  private final TestedServer server;
  private final DevPostgres database;
  private final BankPlan plan;
  private final Random random;

  /** Of its own, because it depends on timing how many of these are needed. */
  private final Random haltPoints;

  private final CountDownLatch never = new CountDownLatch(1);
  private final List<Branch> branches = new ArrayList<>();
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private final List<Violation> violations = new ArrayList<>();
  private int spoilt;

  /**
   * Prepares a campaign.
   *
   * @param directory an empty folder
   * @param database where the accounts are; the server may keep its messages there, too
   */
  BankCampaign(Path directory, TestedServer server, DevPostgres database, BankPlan plan) {
    this.directory = directory;
    this.server = server;
    this.database = database;
    this.plan = plan;
    this.random = new Random(plan.seed());
    this.haltPoints = new Random(~plan.seed());
  }

  BankReport run() throws Exception {
    System.out.printf(
        "bank campaign, %s: %d faults, seed %d%n", server.title(), plan.faults(), plan.seed());
    long openingCents = openAccounts();
    createTopics();
    Books books = new Books(database.url(Side.A.schema()));
    try (TopicReader reader = new TopicReader(server.nameServer())) {
      Auditor auditor = new Auditor(server, books, reader, openingCents);
      startBranches();
      auditor.start();
      awaitFirstTransfers(books);
      inject();
      quiet();
      awaitRest(books);
      if (!server.hasRegister()) {
        // Nobody tells whether something is undecided: a few rounds of checks for what is.
        never.await(SETTLING_MS, TimeUnit.MILLISECONDS);
      }
      auditor.join();
      finalLook(auditor);
      Evidence evidence = evidence(openingCents, books, reader);
      violations.addAll(auditor.violations());
      violations.addAll(BankVerdict.judge(evidence));
      BankReport report =
          new BankReport(
              server.title(), plan.seed(), faults, spoilt, halts(), auditor, evidence, violations);
      report.print();
      return report;
    } finally {
      branches.forEach(Branch::close);
    }
  }

  private long openAccounts() throws SQLException {
    for (Side side : Side.values()) {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setUrl(database.url(side.schema()));
      new DebitDatabase(source, Clock.systemUTC())
          .create(BranchMain.ACCOUNTS, BranchMain.OPENING_CENTS);
      // The other half of the tables; the accounts are there.
      new CreditDatabase(source, Clock.systemUTC()).create(0, 0);
    }
    return (long) Side.values().length * BranchMain.ACCOUNTS * BranchMain.OPENING_CENTS;
  }

  @SuppressWarnings("deprecation") // The client's own tools have no other way.
  private void createTopics() throws Exception {
    DefaultMQProducer producer = new DefaultMQProducer("bank-topics");
    producer.setNamesrvAddr(server.nameServer());
    producer.setInstanceName("topics-" + System.nanoTime());
    producer.start();
    try {
      // RocketMQ accepts connections before its name server knows it.
      Awaitility.await("topics")
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> {
            for (String topic : TopicReader.TOPICS) {
              producer.createTopic("TBW102", topic, 4, Map.of());
            }
            return true;
          });
    } finally {
      producer.shutdown();
    }
  }

  private void startBranches() {
    for (int instance = 1; instance <= plan.instances(); instance++) {
      for (Side side : Side.values()) {
        for (Role role : Role.values()) {
          String name = (role == Role.SENDER ? "s" : "r") + side + instance;
          branches.add(
              Branch.start(
                  new BranchSettings(
                      role,
                      name,
                      side,
                      1,
                      server.nameServer(),
                      database.url(side.schema()),
                      haltAfter(),
                      plan.slownessMs(),
                      plan.liesPercent(),
                      plan.sabotage(),
                      directory)));
        }
      }
    }
  }

  /** Faults before the services work would test nothing. */
  private void awaitFirstTransfers(Books books) {
    Awaitility.await("the first transfers")
        // Many JVMs start at once, on a machine that may have other work.
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> {
          restartEnded();
          return books.tables().credits().size() >= FIRST_TRANSFERS;
        });
  }

  private long haltAfter() {
    return plan.haltEvery() == 0 ? 0 : 1 + haltPoints.nextInt(2 * plan.haltEvery());
  }

  private void inject() throws Exception {
    Instant begin = Instant.now();
    List<Fault> deck = new ArrayList<>();
    for (int fault = 1; fault <= plan.faults() || kills() < plan.faults(); fault++) {
      if (deck.isEmpty()) {
        deck.addAll(plan.kinds());
        Collections.shuffle(deck, random);
      }
      // The random time before a fault is the experiment itself, not a wait for something.
      goOn(200);
      Fault next = deck.removeLast();
      fault(next);
      faults.merge(next, 1, Integer::sum);
      if (fault % 10 == 0) {
        System.out.printf(
            "bank campaign: %d of %d faults, %d s%n",
            fault, plan.faults(), SECONDS.between(begin, Instant.now()));
      }
    }
    goOn(500);
  }

  /** Lets everybody work for a random while; who halted is started again at once. */
  private void goOn(int leastMs) throws InterruptedException {
    int slices = (leastMs + random.nextInt(MOST_BETWEEN_FAULTS_MS)) / SLICE_MS;
    for (int slice = 0; slice <= slices; slice++) {
      restartEnded();
      never.await(SLICE_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void fault(Fault fault) throws InterruptedException {
    switch (fault) {
      case KILL_SERVER -> server.killAndRestart();
      case STOP_SERVER -> {
        server.pause();
        standStill();
        server.resume();
      }
      case KILL_SENDER -> any(Role.SENDER).kill();
      case KILL_RECEIVER -> any(Role.RECEIVER).kill();
      case STOP_SENDER -> stop(any(Role.SENDER));
      case STOP_RECEIVER -> stop(any(Role.RECEIVER));
      case CRASH_DATABASE ->
          Awaitility.await("a database that can be crashed")
              .atMost(Duration.ofMinutes(1))
              .ignoreExceptions()
              .until(() -> {
                database.crash();
                return true;
              });
      case STOP_DATABASE -> {
        database.pause();
        standStill();
        database.resume();
      }
      case RESET_CONNECTIONS -> spoil(Trouble.RESET);
      case HALF_CLOSE_CONNECTIONS -> spoil(Trouble.HALF_CLOSE);
      case DROP_BYTES -> spoil(Trouble.DROP);
      case DELAY_BYTES -> spoil(Trouble.DELAY);
    }
  }

  private void spoil(Trouble trouble) throws InterruptedException {
    RoughNetwork network = server.network().orElseThrow();
    // Which connections there are depends on timing, how often the seed is asked must not.
    spoilt += network.spoil(trouble, new Random(random.nextLong()));
    standStill();
    network.calm();
  }

  private void stop(Branch branch) throws InterruptedException {
    branch.pause();
    standStill();
    branch.resume();
  }

  /** Longer than a check-back takes, sometimes. */
  private void standStill() throws InterruptedException {
    never.await(300 + random.nextInt(3000), TimeUnit.MILLISECONDS);
  }

  /** One that lives: to kill another one would be no fault. */
  private Branch any(Role role) {
    restartEnded();
    List<Branch> candidates = branches.stream().filter(it -> it.settings().role() == role).toList();
    return candidates.get(random.nextInt(candidates.size()));
  }

  private void restartEnded() {
    branches.stream().filter(Branch::hasEnded).forEach(it -> it.restart(haltAfter()));
  }

  private void quiet() {
    for (Branch branch : branches) {
      if (!branch.hasEnded()) {
        branch.quiet();
      }
    }
    // Those that halted meanwhile come again and go on to answer.
    branches.stream()
        .filter(Branch::hasEnded)
        .forEach(it -> {
          it.restart(0);
          it.quiet();
        });
  }

  private void awaitRest(Books books) {
    try {
      Awaitility.await("everything to come to rest")
          .atMost(plan.patience())
          .pollDelay(Duration.ofSeconds(2))
          .pollInterval(Duration.ofMillis(500))
          .ignoreExceptions()
          .until(() -> {
            branches.stream()
                .filter(Branch::hasEnded)
                .forEach(it -> {
                  it.restart(0);
                  it.quiet();
                });
            return books.look().inFlight().isEmpty()
                && (!server.hasRegister() || server.undecided().map(List::isEmpty).orElse(false));
          });
    } catch (ConditionTimeoutException e) {
      violations.add(new Violation("I8", "rest", "not at rest within " + plan.patience()));
    }
  }

  private static void finalLook(Auditor auditor) {
    Awaitility.await("a last look of the auditor")
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> {
          auditor.look();
          return true;
        });
  }

  private Evidence evidence(long openingCents, Books books, TopicReader reader) throws Exception {
    Books.Tables tables = books.tables();
    return new Evidence(
        openingCents,
        tables.balanceCents(),
        tables.debits(),
        tables.credits(),
        tables.journal(),
        reader.visible(),
        server.decided(),
        lies(),
        server.hasRegister() ? undecided() : List.of());
  }

  private List<String> undecided() {
    Optional<List<String>> found = server.undecided();
    return found.orElseThrow(() -> new IllegalStateException("the register does not answer"));
  }

  private List<LieReply> lies() throws IOException {
    List<LieReply> replies = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".lies")).sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] words = line.split(" ", -1);
          replies.add(
              new LieReply(
                  words[0], words[1], Boolean.parseBoolean(words[2]), Integer.parseInt(words[3])));
        }
      }
    }
    return replies;
  }

  private int kills() throws IOException {
    return BankReport.kills(faults, halts());
  }

  private Map<String, Integer> halts() throws IOException {
    Map<String, Integer> halts = new TreeMap<>();
    Path log = directory.resolve("halts.log");
    if (Files.exists(log)) {
      Files.readAllLines(log)
          .forEach(it -> halts.merge(it.replaceFirst("^[^:]*: ", ""), 1, Integer::sum));
    }
    return halts;
  }
}
