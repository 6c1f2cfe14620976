package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The work of {@link PowerCutContract}: one engine at one durability, cut after cut. */
final class PowerCuts implements AutoCloseable {

  private static final int CUTS_PER_DISK = 10;
  private static final int THREADS = 3;
  private static final int LONGEST_LIFE_MS = 1_200;
  private static final int LONGEST_RECOVERY_MS = 150;

  private final EngineUnderTest engine;
  private final Companion companion;
  private final Durability durability;
  private final Map<String, String> environment;
  private final Run run;
  private final Random random;
  private @Nullable PoweredDisk disk;
  private int cuts;
  private int cutsWhileOpening;
  private int acknowledged;

  /** What identifies a run: its name, where the notes of its children go, and what it draws. */
  record Run(String name, Path scratch, long seed) {}

  PowerCuts(
      EngineUnderTest engine,
      Companion companion,
      Durability durability,
      Map<String, String> environment,
      Run run) {
    this.engine = engine;
    this.companion = companion;
    this.durability = durability;
    this.environment = environment;
    this.run = run;
    this.random = new Random(run.seed());
  }

  /** What the engine says about writes at this durability. */
  boolean isSurvivalDeclared() throws IOException {
    Place place = freshDisk();
    try (StorageFixture fixture = fixture(place)) {
      return fixture.open().survives(durability).contains(Mishap.POWER_CUT);
    }
  }

  /** Every acknowledged batch is there after each of the cuts, on stores that live through many. */
  void surviveAll(int times) throws IOException {
    Place place = freshDisk();
    CrashLedger ledger = new CrashLedger();
    int visible = 0;
    for (int round = 0; round < times; round++) {
      if (round > 0 && round % CUTS_PER_DISK == 0) {
        visible += ledger.visibleMessages();
        place = freshDisk();
        ledger = new CrashLedger();
      }
      place = liveAndCheck(place, round, ledger);
    }
    print(visible + ledger.visibleMessages(), "none lost");
  }

  /**
   * Acknowledged batches lost by stores that each see one cut, and that open and go on after it.
   */
  int countLoss(int times) throws IOException {
    int lost = 0;
    int lossless = 0;
    int visible = 0;
    for (int round = 0; round < times; round++) {
      CrashLedger ledger = new CrashLedger(true);
      var _ = liveAndCheck(freshDisk(), 2 * round, ledger);
      lost += ledger.lostBatches();
      lossless += ledger.lostBatches() == 0 ? 1 : 0;
      visible += ledger.visibleMessages();
    }
    print(visible, lost + " batches lost, nothing by " + lossless + " of the cuts");
    return lost;
  }

  /** Whether some cut, of at most so many, costs an acknowledged batch or the store. */
  boolean isLossShown(int times) throws IOException {
    for (int round = 0; round < times; round++) {
      CrashLedger ledger = new CrashLedger(true);
      try {
        var _ = liveAndCheck(freshDisk(), 2 * round, ledger);
      } catch (BrokenAfterCut broken) {
        print(0, "the store is broken: " + String.valueOf(broken.getMessage()).strip());
        return true;
      }
      if (ledger.lostBatches() > 0) {
        print(ledger.visibleMessages(), ledger.lostBatches() + " batches lost");
        return true;
      }
    }
    return false;
  }

  /** A child writes until the cut; then the store is opened again and compared. */
  private Place liveAndCheck(Place place, int round, CrashLedger ledger) throws IOException {
    List<HoldId> inherited = ledger.heldIds();
    Path notes = Files.createDirectories(run.scratch().resolve("notes"));
    CrashRun.Task task =
        new CrashRun.Task(
            place.engine(),
            place.store(),
            notes,
            durability,
            durability,
            environment,
            run.seed(),
            round,
            THREADS,
            inherited);
    CrashReport report = live(place, task);
    acknowledged += report.acknowledgedBatches();
    companion.kill();
    place.disk().restorePower();
    try {
      Place again = boot(place.disk());
      try (StorageFixture fixture = fixture(again)) {
        check(fixture.open(), ledger, report, task);
      }
      return again;
    } catch (AssertionError | StorageException | IOException e) {
      throw new BrokenAfterCut(
          "seed " + run.seed() + ", round " + round + ": " + e.getMessage(), e);
    }
  }

  private CrashReport live(Place place, CrashRun.Task task) throws IOException {
    boolean whileOpening = task.round() % 4 == 3;
    int ms = random.nextInt(whileOpening ? LONGEST_RECOVERY_MS : LONGEST_LIFE_MS);
    cuts++;
    cutsWhileOpening += whileOpening ? 1 : 0;
    try (Writeback _ = new Writeback(place.disk(), random.nextLong())) {
      return CrashRun.start(task).cutPower(place.disk(), whileOpening, ms);
    }
  }

  private static void check(
      Storage storage, CrashLedger ledger, CrashReport report, CrashRun.Task task) {
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
    QueueId queue = new QueueId("after-the-cut", 0);
    Mutation append = new Mutation.Append(queue, SampleMessages.message(queue, "goes on"));
    long before = storage.log().bounds(queue).max();
    assertThat(StorageContract.await(storage.write(WriteBatch.of(append))).outcome(0).queueOffset())
        .isEqualTo(before);
  }

  private Place freshDisk() throws IOException {
    companion.kill();
    PoweredDisk fresh = disk;
    if (fresh == null) {
      fresh = PoweredDisk.create(this::killAll);
      disk = fresh;
    } else {
      fresh.reformat();
    }
    Place place = boot(fresh);
    // What was there before the load began is not what is tested.
    SystemCalls.syncFileSystem(fresh.root());
    return place;
  }

  private void print(int visible, String loss) {
    System.out.printf(
        "PowerCutContract %s %s%s: %d cuts, %d of them while opening; %d batches acknowledged before"
            + " them, %d messages visible after; %s; seed %d%n",
        run.name(),
        durability,
        environment.isEmpty() ? "" : " without syncs",
        cuts,
        cutsWhileOpening,
        acknowledged,
        visible,
        loss,
        run.seed());
  }

  /** The JVM is being ended in the middle of a test. */
  private void killAll() {
    companion.kill();
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
  }

  /** Switches everything off. */
  @Override
  public void close() throws IOException {
    companion.kill();
    if (disk != null) {
      disk.close();
      disk = null;
    }
  }

  /** The store is lost, or is not what it may be. */
  private static final class BrokenAfterCut extends AssertionError {

    private static final long serialVersionUID = 1L;

    BrokenAfterCut(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A store on a disk, and the engine with the options that lead to its companion. */
  private record Place(PoweredDisk disk, EngineUnderTest engine) {

    Path store() {
      return disk.root().resolve("store");
    }
  }

  private Place boot(PoweredDisk on) throws IOException {
    Map<String, String> options = companion.start(on.root().resolve("companion"), environment);
    return new Place(on, new Led(engine, options));
  }

  private StorageFixture fixture(Place place) {
    StorageFixture fixture =
        new StorageFixture(place.engine(), place.store())
            .settings(settings -> CrashContract.keepingEverything(settings, durability));
    fixture.time().stepWallTo(TimeSource.system().nowMs());
    return fixture;
  }

  /** An engine with the options that lead to its companion. */
  private record Led(EngineUnderTest engine, Map<String, String> leads) implements EngineUnderTest {

    @Override
    public StorageProvider provider() {
      return engine.provider();
    }

    @Override
    public Map<String, String> options(Path directory) {
      Map<String, String> all = new HashMap<>(engine.options(directory));
      all.putAll(leads);
      return all;
    }
  }
}
