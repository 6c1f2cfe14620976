package io.escrowmq.crash.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.dev.postgres.DevPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code escrowmq.seed} repeats a campaign's faults, {@code escrowmq.bank.faults} sets their number
 * and {@code escrowmq.bank.storage} the engine of the short one.
 */
final class BankCampaignTest {

  @TempDir Path directory;

  @Test
  void faultsMoveNoMoney() throws Exception {
    String storage = System.getProperty("escrowmq.bank.storage", "commitlog");
    BankReport report = run(storage, BankPlan.of(seed(), faults(8)));
    assertThat(report.violations()).isEmpty();
    assertThat(report.evidence().debits()).hasSizeGreaterThan(20);
    assertThat(report.evidence().lies()).isNotEmpty();
    assertThat(report.auditor().looks()).isPositive();
  }

  /** The campaign itself is tested: each way to break a service must be noticed. */
  @ParameterizedTest
  @Tag("campaign")
  @CsvSource({"NO_TOMBSTONE, 4000, I1", "NO_INBOX, 0, money", "NO_DEBIT, 0, money"})
  void sabotageIsNoticed(Sabotage sabotage, int slownessMs, String invariant) throws Exception {
    BankPlan plan =
        BankPlan.of(seed(), 4)
            .sabotagedBy(sabotage, slownessMs)
            .withPatience(Duration.ofSeconds(20));
    assertThat(run("commitlog", plan).violations())
        .extracting(BankVerdict.Violation::invariant)
        .contains(invariant);
  }

  @ParameterizedTest
  @Tag("campaign")
  @ValueSource(strings = {"commitlog", "rocksdb", "jdbc"})
  void hundredsOfFaultsMoveNoMoney(String storage) throws Exception {
    BankReport report = run(storage, BankPlan.of(seed(), faults(170)).withInstances(2));
    assertThat(report.violations()).isEmpty();
    assertThat(report.halts()).isNotEmpty();
  }

  private BankReport run(String storage, BankPlan plan) throws Exception {
    try (DevPostgres database = DevPostgres.start();
        TestedServer server = new EscrowServer(directory, engine(storage, database))) {
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
