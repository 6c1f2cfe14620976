package io.escrowmq.broker;

import io.escrowmq.broker.IntakeMessages.Planned;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.IntakeFigures;
import io.escrowmq.spi.storage.IntakeRow;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the rows of one intake table into queues: reads what is committed, oldest first, writes it
 * as one batch, in whose commit the rows go. One batch at a time, so that messages of one key stay
 * in order. A row that can never be sent is put aside; one that cannot be taken now is left out for
 * a while.
 */
final class IntakeMover implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(IntakeMover.class);
  private static final int MOST_ROWS = 1000;
  private static final int MANY_ROWS = 500;
  private static final long MOST_BYTES = 4L << 20;
  private static final int MOST_POSTPONED = 1000;
  private static final Duration POSTPONED = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(5);
  private static final Duration SLOW_LOOK = Duration.ofMillis(200);
  private static final Duration IDLE_AFTER = Duration.ofSeconds(1);
  private static final Duration COUNT_EVERY = Duration.ofSeconds(5);
  private static final Duration LEAST_TROUBLE = Duration.ofMillis(100);
  private static final Duration MOST_TROUBLE = Duration.ofSeconds(5);

  private final String name;
  private final StoreIntake table;
  private final World world;
  private final Tally tally = new Tally();
  private final Map<Long, Postponed> postponed = new HashMap<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private long source;
  private boolean checked;
  private volatile boolean started;
  private long busyNs;
  private long countedNs;

  IntakeMover(String name, StoreIntake table, World world) {
    this.name = name;
    this.table = table;
    this.world = world;
    this.busyNs = world.time().nanos();
    this.countedNs = busyNs - COUNT_EVERY.toNanos();
  }

  /** What a mover works with. */
  record World(
      Gate gate,
      IntakeMessages messages,
      DelayedDelivery delivery,
      Counters counters,
      TimeSource time) {}

  /** A row that is left out until some time, and with it those of its ordering key. */
  private record Postponed(long untilNs, String orderingKey) {}

  /** What a mover counts. Thread-safe. */
  static final class Tally {
    final LongAdder moved = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder failures = new LongAdder();
    volatile IntakeFigures figures = IntakeFigures.NONE;
    volatile String trouble = "";
  }

  Tally tally() {
    return tally;
  }

  /**
   * Looks whether the table is fit for use, before the mover runs. A database that is away is no
   * reason not to start.
   *
   * @throws StorageException.Unavailable if an administrator has to do something
   */
  void check() {
    try {
      findSource();
    } catch (StorageException.Unavailable e) {
      if (e.kind() == StorageException.Kind.FATAL) {
        throw e;
      }
      trouble(e);
    }
  }

  /** Begins to move. */
  void start() {
    started = true;
    Thread _ = Thread.ofVirtual().name("intake-" + name).start(this);
  }

  /** Ends the run and waits for what it was doing. */
  void stop() {
    stopping.countDown();
    if (!started) {
      close();
      return;
    }
    boolean interrupted = false;
    while (ended.getCount() > 0) {
      try {
        ended.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    Duration pause = LEAST_TROUBLE;
    try {
      while (stopping.getCount() > 0) {
        if (round()) {
          pause = LEAST_TROUBLE;
        } else {
          rest(pause);
          pause =
              pause.multipliedBy(2).compareTo(MOST_TROUBLE) < 0
                  ? pause.multipliedBy(2)
                  : MOST_TROUBLE;
        }
      }
    } finally {
      close();
      ended.countDown();
    }
  }

  private void findSource() {
    source = table.check();
    checked = true;
  }

  private void close() {
    try {
      table.close();
    } catch (RuntimeException e) {
      LOG.warn("the intake {} does not close: {}", name, e.toString());
    }
  }

  /** False if something is wrong that time may cure. */
  private boolean round() {
    try {
      if (!checked) {
        findSource();
      }
      world.gate().checkOpen();
      move();
      count();
      well();
      return true;
    } catch (BrokerException | StorageException e) {
      trouble(e);
      return false;
    } catch (RuntimeException e) {
      LOG.error("the intake {} met a defect; it goes on", name, e);
      trouble(e);
      return false;
    }
  }

  private void move() {
    long nowNs = world.time().nanos();
    postponed.values().removeIf(row -> nowNs - row.untilNs() >= 0);
    List<IntakeRow> rows =
        table.read(MOST_ROWS + postponed.size(), MOST_BYTES).stream().filter(this::mayGo).toList();
    if (rows.isEmpty()) {
      boolean idle = nowNs - busyNs >= IDLE_AFTER.toNanos();
      table.await(idle ? SLOW_LOOK : LOOK, idle);
      return;
    }
    busyNs = nowNs;
    List<Planned> planned = plan(rows);
    if (!planned.isEmpty()) {
      write(planned);
    }
    // A commit for every row or two would cost more than the rows: some gather, unless many wait.
    long leftNs = rows.size() < MANY_ROWS ? LOOK.toNanos() - (world.time().nanos() - nowNs) : 0;
    // Called even if there is nothing to wait for: it ends the sleep in which applications call.
    table.await(Duration.ofNanos(Math.max(0, leftNs)), false);
  }

  private boolean mayGo(IntakeRow row) {
    return postponed.isEmpty()
        || !postponed.containsKey(row.id())
            && (row.orderingKey().isEmpty()
                || postponed.values().stream()
                    .noneMatch(other -> other.orderingKey().equals(row.orderingKey())));
  }

  private List<Planned> plan(List<IntakeRow> rows) {
    List<Planned> planned = new ArrayList<>(rows.size());
    for (IntakeRow row : rows) {
      try {
        if (mayGo(row)) {
          planned.add(world.messages().plan(row, source));
        }
      } catch (BrokerException e) {
        if (e.code() == ErrorCode.INTERNAL) {
          postpone(row, e);
        } else if (e.code().kind() == ErrorCode.Kind.USER) {
          reject(row, e.describe());
        } else if (planned.isEmpty()) {
          throw e;
        } else {
          // What is planned can go; the rest is looked at again.
          return planned;
        }
      }
    }
    return planned;
  }

  private void write(List<Planned> planned) {
    try {
      send(planned);
    } catch (BrokerException e) {
      boolean refused = e.code() == ErrorCode.INTERNAL || e.code().kind() == ErrorCode.Kind.USER;
      if (!refused) {
        throw e;
      }
      if (planned.size() > 1) {
        // One of them is at fault: the others need not wait for it.
        planned.stream().filter(one -> mayGo(one.row())).forEach(one -> write(List.of(one)));
      } else if (e.getCause() instanceof StorageException.TooLarge) {
        reject(planned.getFirst().row(), e.describe());
      } else {
        postpone(planned.getFirst().row(), e);
      }
    }
  }

  private void send(List<Planned> planned) {
    WriteBatch.Builder batch = WriteBatch.builder().durability(Durability.DURABLE);
    List<Long> ids = new ArrayList<>(planned.size());
    long bytes = 0;
    for (Planned one : planned) {
      batch.add(one.mutation());
      ids.add(one.row().id());
      bytes += one.message().size();
    }
    long weight = bytes;
    world.gate().enter(weight);
    try {
      var receipt = awaited(world.gate().during(() -> table.move(batch.build(), ids)));
      if (!receipt.applied()) {
        throw new BrokerException(
            ErrorCode.NOT_SERVING, "the store did not take the batch", "It is tried again.");
      }
    } finally {
      world.gate().leave(weight);
    }
    planned.forEach(this::sent);
  }

  private static <T> T awaited(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw new BrokerException(
            ErrorCode.MESSAGE_ILLEGAL, "" + refused.getMessage(), "It is tried again.", refused);
      }
      throw Failures.of(e);
    }
  }

  private void sent(Planned one) {
    int size = one.message().size();
    tally.moved.increment();
    if (one.hold() == null) {
      world.counters().sent(one.topic(), 1, size);
    } else {
      world.counters().flow.sent(one.topic(), 1, size);
      world.counters().heldDelayed.increment();
      world.delivery().expect(one.hold(), one.deliverAtMs());
    }
  }

  private void reject(IntakeRow row, String reason) {
    table.reject(row.id(), reason);
    tally.rejected.increment();
    LOG.warn(
        "intake {}: row {} for topic {} can never be sent and was put aside (escrow_intake_rejected): {}",
        name,
        row.id(),
        row.topic(),
        reason);
  }

  private void postpone(IntakeRow row, Exception why) {
    tally.failures.increment();
    if (postponed.size() < MOST_POSTPONED) {
      long untilNs = world.time().nanos() + POSTPONED.toNanos();
      postponed.put(row.id(), new Postponed(untilNs, row.orderingKey()));
    }
    LOG.warn(
        "intake {}: row {} for topic {} cannot be moved now, the next attempt is in {} s: {}",
        name,
        row.id(),
        row.topic(),
        POSTPONED.toSeconds(),
        why.getMessage());
  }

  private void count() {
    long nowNs = world.time().nanos();
    if (nowNs - countedNs >= COUNT_EVERY.toNanos()) {
      countedNs = nowNs;
      tally.figures = table.figures();
    }
  }

  private void trouble(RuntimeException e) {
    tally.failures.increment();
    String what = String.valueOf(e.getMessage());
    if (tally.trouble.isEmpty()) {
      String remedy = e instanceof StorageException known ? known.remedy() : "";
      LOG.warn("intake {}: nothing is moved now, but left where it is: {}. {}", name, what, remedy);
    }
    tally.trouble = what;
    checked &= !(e instanceof StorageException);
  }

  private void well() {
    if (!tally.trouble.isEmpty()) {
      LOG.info("intake {}: rows are moved again", name);
      tally.trouble = "";
    }
  }

  private void rest(Duration pause) {
    try {
      boolean _ = stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
