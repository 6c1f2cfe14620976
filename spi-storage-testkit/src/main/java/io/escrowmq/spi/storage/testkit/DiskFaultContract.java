package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.FaultyDisk.Call;
import io.escrowmq.spi.storage.testkit.FaultyDisk.Repeat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * An engine whose files are on a {@link FaultyDisk}: it loses power, its syncs and writes fail, it
 * runs full. What was acknowledged as durable is there afterwards, and nothing is acknowledged that
 * the disk did not take. {@code escrowmq.disk.rounds} power cuts, 6 by default.
 */
public abstract class DiskFaultContract extends StorageContract {

  private static final int ROUNDS = Integer.getInteger("escrowmq.disk.rounds", 6);
  private static final int THREADS = 2;
  private static final int KIB_256 = 256 * 1024;

  @Test
  void theDiskIsTheOneItWasGiven() {
    FaultyDisk disk = new FaultyDisk(1);
    fixture().disk(disk).open();
    append(ORDERS, "a");
    assertThat(disk.calls(Call.WRITE) > 0).isEqualTo(engine().writesThroughDisk());
  }

  @Test
  void whatWasAcknowledgedSurvivesPowerCuts() throws IOException {
    if (!engine().writesThroughDisk()) {
      return;
    }
    long seed = Seeds.seed("DiskFaultContract");
    Random random = new Random(seed);
    CrashLedger ledger = new CrashLedger();
    Path directory = scratch("power");
    FaultyDisk disk = new FaultyDisk(seed);
    for (int round = 0; round < ROUNDS; round++) {
      int now = round;
      List<HoldId> inherited = ledger.heldIds();
      StorageFixture victim = new StorageFixture(engine(), directory).disk(disk);
      CrashReport report =
          writeUntilPowerCut(
              victim.open(), disk, random, thread -> plan(seed, now, thread, inherited));
      victim.close();
      disk.restorePower();
      try (StorageFixture reopened = new StorageFixture(engine(), directory).disk(disk)) {
        ledger.check(
            reopened.open(), report, THREADS, thread -> plan(seed, now, thread, inherited));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round + ": " + e.getMessage(), e);
      }
    }
    assertThat(ledger.visibleMessages()).isPositive();
  }

  @Test
  void aFailedSyncIsNeverAcknowledgedOver() throws IOException {
    for (int nth = 1; nth <= 4; nth++) {
      aFailureIsNotAcknowledged(Call.FORCE, nth, Repeat.ONCE);
    }
    aFailureIsNotAcknowledged(Call.FORCE, 2, Repeat.FOREVER);
  }

  @Test
  void aFailedWriteIsNeverAcknowledgedOver() throws IOException {
    for (int nth = 1; nth <= 4; nth++) {
      aFailureIsNotAcknowledged(Call.WRITE, nth, Repeat.ONCE);
    }
    aFailureIsNotAcknowledged(Call.WRITE, 2, Repeat.FOREVER);
  }

  @Test
  void aFullDiskRefusesWritesAndKeepsReading() {
    if (!engine().writesThroughDisk()) {
      return;
    }
    FaultyDisk disk = new FaultyDisk(3);
    Storage storage = fixture().disk(disk).open();
    append(ORDERS, "before");
    disk.fullAfter(0);
    assertThatThrownBy(() -> fill(400))
        .isInstanceOfAny(StorageException.Full.class, StorageException.Unavailable.class);
    assertThat(storage.maintenance().health().writable()).isFalse();
    assertThat(storage.maintenance().health().reason()).isNotBlank();
    long acknowledged = bounds(ORDERS).max();
    assertThat(readAll(ORDERS)).hasSize((int) acknowledged);

    disk.heal();
    if (storage.maintenance().health().state() == StorageHealth.State.FULL) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            time().advanceMs(1_000);
            return accepts();
          });
    }
    fixture().reopen();
    assertThat(readAll(ORDERS)).hasSizeGreaterThanOrEqualTo((int) acknowledged);
    append(ORDERS, "after");
  }

  @Test
  void shortReadsAreReadOn() {
    if (!engine().writesThroughDisk()) {
      return;
    }
    FaultyDisk disk = new FaultyDisk(4);
    fixture().disk(disk).open();
    fill(20);
    disk.shortReads(true);
    fixture().reopen();
    assertThat(readAll(ORDERS)).hasSize(20);
    assertThat(storage().maintenance().verify().records()).isGreaterThanOrEqualTo(20);
  }

  private void aFailureIsNotAcknowledged(Call call, int nth, Repeat repeat) throws IOException {
    if (!engine().writesThroughDisk()) {
      return;
    }
    String what = call + " " + nth + " " + repeat;
    FaultyDisk disk = new FaultyDisk(nth);
    Path directory = scratch(what);
    TreeSet<Integer> acknowledged = new TreeSet<>();
    int attempted = 0;
    try (StorageFixture victim = new StorageFixture(engine(), directory).disk(disk)) {
      victim.open();
      boolean failed = false;
      for (int number = 0; number < 30; number++) {
        if (number == 5) {
          disk.fail(call, nth, repeat);
        }
        if (acknowledged(victim.storage(), number)) {
          assertThat(failed && call == Call.FORCE)
              .as("%s: batch %s was acknowledged after a failed sync", what, number)
              .isFalse();
          acknowledged.add(number);
        } else {
          failed = true;
          assertThat(victim.storage().maintenance().health().writable()).as(what).isFalse();
          assertThat(victim.storage().maintenance().health().reason()).isNotBlank();
        }
        attempted = number + 1;
      }
      TornRecords.Findings alive = TornRecords.inspect(victim.storage(), attempted);
      assertThat(alive.whole()).as("%s: readable while read-only", what).containsAll(acknowledged);
      disk.cutPower();
    }
    disk.heal();
    disk.restorePower();
    try (StorageFixture reopened = new StorageFixture(engine(), directory).disk(disk)) {
      TornRecords.Findings findings = TornRecords.inspect(reopened.open(), attempted);
      assertThat(findings.whole()).as("%s: after the restart", what).containsAll(acknowledged);
      assertThat(findings.corrupt()).as(what).isEmpty();
    }
  }

  private static boolean acknowledged(Storage storage, int number) {
    try {
      await(storage.write(TornRecords.batch(number)));
      return true;
    } catch (StorageException.Unavailable | StorageException.Full refused) {
      assertThat(refused.remedy()).isNotBlank();
      return false;
    }
  }

  private static CrashReport writeUntilPowerCut(
      Storage storage, FaultyDisk disk, Random random, CrashLedger.CrashPlanSource plans) {
    CrashReport report = new CrashReport();
    long calls = disk.calls(Call.WRITE) + 20 + random.nextInt(400);
    ParallelRun.of(
        THREADS,
        thread -> {
          CrashPlan plan = plans.planOf(thread);
          Semaphore room = new Semaphore(CrashPlan.IN_FLIGHT);
          int index = 0;
          while (disk.calls(Call.WRITE) < calls) {
            room.acquire();
            int number = index++;
            add(report, CrashReport.attempt(thread, number));
            storage
                .write(plan.next())
                .whenComplete((receipt, failure) -> {
                  if (failure == null) {
                    add(report, CrashReport.acknowledgement(thread, number, receipt));
                  }
                  room.release();
                });
          }
          disk.cutPower();
        });
    return report;
  }

  private static void add(CrashReport report, String line) {
    synchronized (report) {
      report.add(line);
    }
  }

  private static CrashPlan plan(long seed, int round, int thread, List<HoldId> inherited) {
    return new CrashPlan(
        seed, round, thread, CrashChild.share(inherited, thread, THREADS), Durability.DURABLE);
  }

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      apply(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, KIB_256)));
    }
  }

  private boolean accepts() {
    try {
      await(
          storage()
              .write(
                  WriteBatch.of(
                      new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "room")))));
      return true;
    } catch (StorageException.Full stillFull) {
      return false;
    }
  }
}
