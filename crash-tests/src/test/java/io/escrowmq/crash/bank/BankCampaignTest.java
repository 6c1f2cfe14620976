package io.escrowmq.crash.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.crash.bank.Fault.Sort;
import io.escrowmq.dev.postgres.DevPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code escrowmq.seed} repeats a campaign's faults, {@code escrowmq.bank.faults} sets their number
 * and {@code escrowmq.bank.storage} the engine, of a test that has several, too.
 */
final class BankCampaignTest {

  private static final int FEW_FAULTS = 4;
  private static final int FAULTS_OF_A_SABOTAGE = 8;
  private static final int MANY_FAULTS = 120;
  private static final int FAULTS_FOR_COMPARISON = 60;

  @TempDir Path directory;

  static List<String> engines() {
    String only = System.getProperty("escrowmq.bank.storage");
    return only == null ? List.of("commitlog", "rocksdb", "jdbc") : List.of(only);
  }

  @Test
  void i15_journalBusinessEffectAndMessageAgree() throws Exception {
    String storage = engines().getFirst();
    BankReport _ = assertClean(storage, BankPlan.quick(seed(), faults(FEW_FAULTS)));
  }

  @ParameterizedTest
  @Tag("campaign")
  @MethodSource("engines")
  void i15_journalBusinessEffectAndMessageAgreeAfterHundredsOfKills(String storage)
      throws Exception {
    BankReport report = assertClean(storage, BankPlan.wide(seed(), faults(MANY_FAULTS)));
    assertThat(report.halts()).isNotEmpty();
  }

  /** The same while connections with the server break, lose, dawdle and end halfway. */
  @ParameterizedTest
  @Tag("campaign")
  @MethodSource("engines")
  void i15_journalBusinessEffectAndMessageAgreeOverARoughNetwork(String storage) throws Exception {
    BankReport report = assertClean(storage, BankPlan.rough(seed(), faults(MANY_FAULTS)));
    assertThat(report.faults()).containsKeys(Fault.values());
    assertThat(report.spoilt()).isGreaterThan(Fault.kinds(Sort.NETWORK).size());
  }

  private BankReport assertClean(String storage, BankPlan plan) throws Exception {
    BankReport report = run(storage, plan);
    assertThat(report.violations()).as("seed %d", plan.seed()).isEmpty();
    assertTested(plan, report);
    return report;
  }

  /** A campaign in which little happened says nothing. */
  private static void assertTested(BankPlan plan, BankReport report) {
    assertThat(report.kills()).isGreaterThanOrEqualTo(plan.faults());
    assertThat(report.evidence().debits()).hasSizeGreaterThan(10);
    assertThat(report.evidence().lies()).isNotEmpty();
    assertThat(report.auditor().looks()).isPositive();
  }

  /** The campaign itself is tested: each way to break a service must be noticed. */
  @ParameterizedTest
  @Tag("campaign")
  @CsvSource({
    "NO_TOMBSTONE, 4000, I1",
    "CREDULOUS_CHECK, 0, I6",
    "NO_JOURNAL, 0, I15",
    "NO_INBOX, 0, money",
    "NO_DEBIT, 0, money"
  })
  void sabotageIsNoticed(Sabotage sabotage, int slownessMs, String invariant) throws Exception {
    BankPlan plan = BankPlan.sabotaged(seed(), faults(FAULTS_OF_A_SABOTAGE), sabotage, slownessMs);
    assertNotices(run("commitlog", plan), invariant);
  }

  /** And a server that takes silence for a roll-back. */
  @Test
  @Tag("campaign")
  void aServerThatGuessesIsNoticed() throws Exception {
    BankPlan plan = BankPlan.sabotaged(seed(), faults(2 * FAULTS_OF_A_SABOTAGE), Sabotage.NONE, 0);
    try (DevPostgres database = DevPostgres.start();
        EscrowServer server = new EscrowServer(directory, engine("commitlog", database), false)) {
      server.guess();
      assertNotices(new BankCampaign(directory, server, database, plan).run(), "I1");
    }
  }

  private static void assertNotices(BankReport report, String invariant) {
    assertThat(report.violations())
        .as("seed %d", report.seed())
        .extracting(BankVerdict.Violation::invariant)
        .contains(invariant);
  }

  /** For comparison: nobody promised that this finds nothing, or something. */
  @Test
  @Tag("campaign")
  void rocketMqUnderTheSameFaults() throws Exception {
    BankPlan plan = BankPlan.wide(seed(), faults(FAULTS_FOR_COMPARISON));
    try (DevPostgres database = DevPostgres.start();
        TestedServer server = new RocketServer(directory)) {
      assertTested(plan, new BankCampaign(directory, server, database, plan).run());
    }
  }

  private BankReport run(String storage, BankPlan plan) throws Exception {
    boolean rough = plan.sorts().contains(Sort.NETWORK);
    try (DevPostgres database = DevPostgres.start();
        TestedServer server = new EscrowServer(directory, engine(storage, database), rough)) {
      return new BankCampaign(directory, server, database, plan).run();
    }
  }

  private static List<String> engine(String storage, DevPostgres database) {
    String type = "--escrowmq.storage.type=" + storage;
    return storage.equals("jdbc")
        ? List.of(type, "--escrowmq.storage.jdbc.url=" + database.url("store"))
        : List.of(type);
  }

  private static int faults(int usual) {
    return Integer.getInteger("escrowmq.bank.faults", usual);
  }

  private static long seed() {
    return Long.getLong("escrowmq.seed", ThreadLocalRandom.current().nextLong());
  }
}
