package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A child JVM writes, is killed with SIGKILL at a random moment (sometimes while it recovers), and
 * the store is opened and compared with what the child had said: nothing acknowledged is lost or
 * moved, nothing undecided is visible, no decision is reversed, every batch happened whole or not
 * at all, and whatever a reader saw is still there. {@code escrowmq.crash.rounds} kills on one
 * directory, 15 by default; {@code escrowmq.seed} repeats the batches, though not the moment of the
 * kill.
 */
public abstract class CrashContract extends StorageContract {

  private static final int ROUNDS = Integer.getInteger("escrowmq.crash.rounds", 15);
  private static final int THREADS = 3;
  private static final int LONGEST_LIFE_MS = 700;
  private static final int LONGEST_RECOVERY_MS = 150;

  private final CrashLedger ledger = new CrashLedger();

  @Test
  void whatWasAcknowledgedSurvivesKills() throws IOException {
    kill(Durability.DURABLE, ROUNDS);
  }

  /** Where the operating system lives on, what was only written to it is not lost. */
  @Test
  void whatWasOnlyWrittenSurvivesKills() throws IOException {
    kill(Durability.WRITTEN, (ROUNDS + 4) / 5);
  }

  private void kill(Durability durability, int rounds) throws IOException {
    long seed = Seeds.seed("CrashContract " + durability);
    Random random = new Random(seed);
    Path crashed = scratch("crashed");
    Path notes = Files.createDirectories(scratch("notes"));
    int acknowledged = 0;
    for (int round = 0; round < (engine().persistent() ? rounds : 1); round++) {
      List<HoldId> inherited = ledger.heldIds();
      CrashRun.Task task =
          new CrashRun.Task(
              engine(),
              crashed,
              notes,
              durability,
              Durability.WRITTEN,
              Map.of(),
              seed,
              round,
              THREADS,
              inherited);
      CrashReport report = live(task, random);
      acknowledged += report.acknowledgedBatches();
      try (StorageFixture reopened = fixtureFor(crashed, durability)) {
        check(reopened.open(), report, task);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "seed " + seed + ", round " + round + ", directory " + crashed + ": " + e.getMessage(),
            e);
      }
    }
    assertThat(acknowledged).as("acknowledged batches").isPositive();
    System.out.println(
        "CrashContract "
            + durability
            + ": "
            + acknowledged
            + " batches acknowledged, "
            + ledger.visibleMessages()
            + " messages visible");
  }

  private static CrashReport live(CrashRun.Task task, Random random) throws IOException {
    boolean duringRecovery = task.round() % 4 == 3;
    if (duringRecovery) {
      return CrashRun.start(task).killAfterOpening(random.nextInt(LONGEST_RECOVERY_MS));
    }
    return CrashRun.start(task).killAfterReady(100 + random.nextInt(LONGEST_LIFE_MS));
  }

  private void check(Storage storage, CrashReport report, CrashRun.Task task) {
    if (!engine().persistent()) {
      for (QueueId queue : CrashPlan.QUEUES) {
        assertThat(storage.log().bounds(queue)).isEqualTo(QueueBounds.EMPTY);
      }
      return;
    }
    ledger.check(
        storage,
        report,
        THREADS,
        thread ->
            new CrashPlan(
                task.seed(),
                task.round(),
                thread,
                CrashChild.share(task.inherited(), thread, THREADS),
                task.weakest()));
    QueueId queue = new QueueId("after-the-crash", 0);
    Mutation append = new Mutation.Append(queue, SampleMessages.message(queue, "goes on"));
    assertThat(await(storage.write(WriteBatch.of(append))).outcome(0).queueOffset())
        .isEqualTo(task.round());
  }

  /** The same settings as the child's, and a clock that is not behind its. */
  private StorageFixture fixtureFor(Path crashed, Durability durability) {
    StorageFixture reopened =
        new StorageFixture(engine(), crashed)
            .settings(settings -> keepingEverything(settings, durability));
    reopened.time().stepWallTo(TimeSource.system().nowMs());
    return reopened;
  }

  /** What a {@link CrashChild} sets. */
  static StorageSettings keepingEverything(StorageSettings settings, Durability durability) {
    return new StorageSettings(
        settings.directory(),
        durability,
        settings.decisionRetention(),
        new RetentionPolicy(Duration.ofDays(36_500), Long.MAX_VALUE),
        settings.options());
  }
}
