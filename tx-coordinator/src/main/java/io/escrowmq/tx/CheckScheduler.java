package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the transactions that are due for a question. The order is the store's own ({@code
 * Escrow.due}); memory holds two cursors and one page, however many transactions are open.
 *
 * <p>The <em>front</em> cursor follows the clock: each newly due hold is visited once. One that
 * cannot be asked now (nobody connected, group asked enough) simply stays due behind the front and
 * costs no write. A <em>sweep</em> goes over those again: at the beginning, when a member of a
 * group arrives, as soon as tokens allow when a group has a backlog, and now and then in any case.
 * Asked holds get a new time ahead of the front. So nothing is forgotten and nothing is hammered.
 *
 * <p>Before each step of the two the {@link Agenda} is followed, which has the next transactions of
 * every group apart. So no group's question waits until the walk has passed all those of another.
 */
final class CheckScheduler implements AutoCloseable {

  private static final int FIRST_PAGE = 256;

  /** Engines look through their memory once for each page; about 2 MB. */
  private static final int MAX_PAGE = 4096;

  private static final int MAX_ENTRIES_PER_RUN = 20_000;
  private static final long FRONT_PAUSE_MS = 5;
  private static final long BUSY_PAUSE_MS = 100;
  private static final long IDLE_PAUSE_MS = 500;
  private static final long ERROR_PAUSE_MS = 2_000;
  private static final long MIN_SWEEP_GAP_MS = 5_000;
  private static final long MAX_SWEEP_GAP_MS = 600_000;
  private static final int SWEEP_GAP_FACTOR = 10;
  private static final Comparator<HoldEntry> DUE_ORDER =
      Comparator.comparingLong(HoldEntry::wakeAtMs).thenComparing(HoldEntry::id);

  private final Storage storage;
  private final TimeSource time;
  private final EventRelay events;
  private final GroupPaces paces;
  private final Questions questions;
  private final DecidedRows decidedRows;
  private final AtomicBoolean sweepSoon = new AtomicBoolean();
  private final Thread thread = Thread.ofPlatform().name("tx-checks").unstarted(this::loop);
  private final Sweep sweep = new Sweep();
  private Optional<HoldEntry> front = Optional.empty();
  private long lastRunMs = Long.MIN_VALUE;
  private volatile boolean closed;

  /**
   * @param outdated told the handles whose attributes changed
   * @param decider ends what is given up
   */
  CheckScheduler(
      Storage storage,
      TimeSource time,
      Parts parts,
      Consumer<Handle> outdated,
      Function<EndRequest, CompletionStage<EndOutcome>> decider) {
    this.storage = storage;
    this.time = time;
    this.events = parts.events();
    this.paces = new GroupPaces(parts.policy(), parts.channel());
    this.questions = new Questions(storage, parts, paces, outdated, decider);
    this.decidedRows = new DecidedRows(storage, events);
  }

  /** What the checking side is made of. */
  record Parts(
      Decisions decisions,
      CheckPolicy policy,
      CheckChannel channel,
      EventRelay events,
      Agenda agenda) {}

  /**
   * One run.
   *
   * @param settled completes when all it began is over
   * @param pauseMs when to run again
   */
  record Run(CompletableFuture<Void> settled, long pauseMs) {}

  /** The walk over what stayed due behind the front. */
  private static final class Sweep {
    private boolean active;
    private boolean urgent;
    private Optional<HoldEntry> cursor = Optional.empty();
    private long startedMs;
    private long nextMs = Long.MIN_VALUE;
    private long nobody;
    private volatile long lastNobody;
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    if (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A member of the group connected. Cheap if nothing of the group waits. */
  void memberArrived(String producerGroup) {
    if (paces.stopWaiting(producerGroup)) {
      // One flag for all groups: the sweep asks the channel who is there, which is the truth
      // anyway.
      sweepSoon.set(true);
      LockSupport.unpark(thread);
    }
  }

  void answeredUnknown(Handle handle) {
    questions.answeredUnknown(handle);
  }

  /** Due transactions of groups without a connected member, as the last sweep saw it. */
  long waitingForProducer() {
    return sweep.lastNobody;
  }

  Run runDue(long nowMs) {
    if (front.isEmpty() || nowMs < lastRunMs) {
      // The first run, or the clock stepped back: the sweep takes what is due already, so that what
      // falls due from now on does not wait for it.
      front = Optional.of(justBefore(nowMs));
      sweepSoon.set(true);
    }
    lastRunMs = nowMs;
    paces.beginRun();
    questions.abandonLate(nowMs);
    boolean agendaDone = questions.follow(nowMs);
    boolean frontDone = advanceFront(nowMs);
    boolean sweepDone = sweep(nowMs);
    CompletableFuture<Boolean> tidied = decidedRows.tidy(nowMs);
    boolean busy = !agendaDone || !frontDone || !sweepDone || paces.anyBacklog();
    CompletableFuture<Void> settled = CompletableFuture.allOf(questions.takeRunning(), tidied);
    if (!frontDone && !questions.full()) {
      return new Run(settled, FRONT_PAUSE_MS);
    }
    return new Run(settled, busy ? BUSY_PAUSE_MS : IDLE_PAUSE_MS);
  }

  private boolean advanceFront(long nowMs) {
    int limit = FIRST_PAGE;
    for (int seen = 0; seen < MAX_ENTRIES_PER_RUN && !questions.full(); seen += limit) {
      limit = seen == 0 ? FIRST_PAGE : Math.min(2 * limit, MAX_PAGE);
      List<HoldEntry> page = due(front, nowMs, limit);
      for (HoldEntry entry : page) {
        if (questions.full()) {
          return false;
        }
        questions.visit(entry, nowMs);
        front = Optional.of(entry);
      }
      if (page.size() < limit) {
        return true;
      }
    }
    return false;
  }

  /** Returns true if no sweep is under way any more. */
  private boolean sweep(long nowMs) {
    if (!sweep.active && !beginSweep(nowMs)) {
      return true;
    }
    int limit = FIRST_PAGE;
    for (int seen = 0; seen < MAX_ENTRIES_PER_RUN && !questions.full(); seen += limit) {
      limit = seen == 0 ? FIRST_PAGE : Math.min(2 * limit, MAX_PAGE);
      if (!sweep.urgent && paces.allBackloggedAreOut(nowMs)) {
        return false;
      }
      if (sweepPage(nowMs, limit)) {
        endSweep(nowMs);
        return true;
      }
    }
    return false;
  }

  /** Returns true if nothing is left behind the front. */
  private boolean sweepPage(long nowMs, int limit) {
    List<HoldEntry> page = due(sweep.cursor, nowMs, limit);
    for (HoldEntry entry : page) {
      if (questions.full()) {
        return false;
      }
      if (beyondFront(entry)) {
        return true;
      }
      if (questions.visit(entry, nowMs) == Questions.Visit.NOBODY) {
        sweep.nobody++;
      }
      sweep.cursor = Optional.of(entry);
    }
    return page.size() < limit;
  }

  private boolean beginSweep(long nowMs) {
    boolean urgent = sweepSoon.getAndSet(false);
    boolean overdue = nowMs >= sweep.nextMs || sweep.nextMs - nowMs > MAX_SWEEP_GAP_MS;
    if (!urgent && !overdue && !paces.anyBacklog()) {
      return false;
    }
    sweep.active = true;
    sweep.urgent = urgent;
    sweep.cursor = Optional.empty();
    sweep.startedMs = nowMs;
    sweep.nobody = 0;
    paces.beginSweep();
    return true;
  }

  private void endSweep(long nowMs) {
    long tookMs = Math.max(0, nowMs - sweep.startedMs);
    long gapMs = Math.clamp(tookMs * SWEEP_GAP_FACTOR, MIN_SWEEP_GAP_MS, MAX_SWEEP_GAP_MS);
    sweep.active = false;
    sweep.nextMs = nowMs + gapMs;
    sweep.lastNobody = sweep.nobody;
    sweep.cursor = Optional.empty();
    paces.endSweep();
  }

  private boolean beyondFront(HoldEntry entry) {
    return front.isEmpty() || DUE_ORDER.compare(entry, front.get()) > 0;
  }

  private List<HoldEntry> due(Optional<HoldEntry> after, long nowMs, int limit) {
    return storage.escrow().due(HoldKind.TRANSACTION, after, nowMs + 1, limit);
  }

  /** A place in the order of due times: before everything that is due at the time. */
  private static HoldEntry justBefore(long nowMs) {
    return new HoldEntry(
        new HoldId(0, 0), JointTransactions.QUEUE, HoldKind.TRANSACTION, 0, nowMs, Bytes.EMPTY);
  }

  private void loop() {
    while (!closed) {
      long pauseMs;
      try {
        pauseMs = runDue(time.nowMs()).pauseMs();
      } catch (StorageException.Closed e) {
        return;
      } catch (RuntimeException e) {
        events.checkError("A round of transaction checks was broken off", unwrapped(e));
        pauseMs = ERROR_PAUSE_MS;
      }
      if (!closed && !sweepSoon.get()) {
        LockSupport.parkNanos(this, pauseMs * 1_000_000);
      }
    }
  }

  private static Throwable unwrapped(RuntimeException e) {
    @Nullable Throwable cause = e.getCause();
    return e instanceof CompletionException && cause != null ? cause : e;
  }
}
