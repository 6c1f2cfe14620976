package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.IntakeScope;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteReceipt;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running parts of a store and their order of starting and stopping. */
final class Engine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final long OWN_PAUSE_MS = 100;

  private final Connections connections;
  private final @Nullable StoreLock lock;
  private final Readers readers;
  private final Known known;
  private final Intake intake;
  private final Receipts receipts;
  private final Condition condition;
  private final Watchdog watchdog;
  private final TimeSource time;
  private final JdbcMaintenance maintenance;
  private final Thread writer;
  private final ScheduledExecutorService caretaker;

  private Engine(
      StorageSettings settings,
      StorageContext context,
      Connections connections,
      @Nullable StoreLock lock,
      Known known,
      WriterSession session) {
    JdbcOptions options = connections.options();
    this.connections = connections;
    this.lock = lock;
    this.known = known;
    this.intake = new Intake(options);
    this.receipts = new Receipts();
    this.readers = new Readers(connections);
    this.condition = new Condition(session.promise(), session.counters());
    this.time = context.time();
    this.watchdog = new Watchdog(intake, receipts, condition, time, options.writeDeadlineMs());
    Decisions decisions = new Decisions(settings.decisionRetention());
    Retention retention = new Retention(known.buckets(), decisions, time, known.heads());
    Caretaker careful =
        new Caretaker(readers, new Chores(intake), known.buckets(), retention, condition, time);
    this.maintenance = new JdbcMaintenance(readers, known, intake, condition, careful);
    Writer.World world = new Writer.World(condition, watchdog, time, decisions);
    Writer work = new Writer(connections, session, known, intake, receipts, world);
    this.writer = Thread.ofPlatform().daemon().name("jdbc-storage-writer").unstarted(work);
    this.caretaker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("jdbc-storage-caretaker").factory());
  }

  /**
   * Opens the store.
   *
   * @throws StorageException.Unavailable if the database or the store cannot be had
   */
  static Engine open(StorageSettings settings, StorageContext context, Connections connections) {
    StoreLock lock = connections.dialect().embedded() ? StoreLock.take(settings.directory()) : null;
    JdbcOptions options = connections.options();
    Known known =
        new Known(
            new Heads(),
            new TailCache(options.tailCacheBytes()),
            new DueFloors(),
            new Buckets(new BucketLimits(options.bucketBytes(), settings.retention())));
    try {
      connections.awaitDatabase(context.time());
      new Schema(connections, Schema.STORE).prepare();
      WriterSession session = own(connections, known);
      Engine engine = new Engine(settings, context, connections, lock, known, session);
      engine.start(options.retentionIntervalMs());
      return engine;
    } catch (SQLException | RuntimeException e) {
      if (lock != null) {
        lock.close();
      }
      throw e instanceof RuntimeException unchecked
          ? unchecked
          : SqlFailure.unavailable("the database cannot be opened", e);
    }
  }

  Readers readers() {
    return readers;
  }

  Heads heads() {
    return known.heads();
  }

  Known known() {
    return known;
  }

  DueFloors floors() {
    return known.floors();
  }

  Receipts receipts() {
    return receipts;
  }

  Condition condition() {
    return condition;
  }

  Maintenance maintenance() {
    return maintenance;
  }

  /** A table in which applications leave messages beside the store's own tables. */
  Optional<StoreIntake> intake(IntakeScope scope) {
    if (!connections.dialect().intake().inStore()) {
      return Optional.empty();
    }
    // All shards of a cluster move the rows of one table, each its part.
    String owner = connections.shard().map(shard -> ownerIn(shard.cluster())).orElse("");
    IntakeRows rows = new IntakeRows(readers, connections.dialect(), scope, owner, time);
    return Optional.of(new JdbcStoreIntake(this, rows, new IntakeBell(rows, connections)));
  }

  /** What a store in this schema calls itself in an intake. */
  static String ownerIn(@Nullable String schema) {
    return "the store in schema " + schema + " of this database";
  }

  /**
   * Hands a batch to the writer.
   *
   * @throws StorageException if it is refused: then nothing happened
   */
  void submit(PreparedBatch batch, CompletableFuture<WriteReceipt> receipt) {
    if (condition.isDown() && !intake.isClosed()) {
      throw SqlFailure.notWritten(condition.reason());
    }
    intake.add(new Job.Write(batch, receipt, time.nanos()));
  }

  @Override
  public void close() {
    boolean first = intake.close();
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (first) {
      caretaker.shutdownNow();
      watchdog.close();
      receipts.close();
      condition.close();
      readers.close();
      if (lock != null) {
        lock.close();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void start(long retentionIntervalMs) {
    writer.start();
    watchdog.start();
    if (retentionIntervalMs > 0) {
      var _ =
          caretaker.scheduleWithFixedDelay(
              this::retain, retentionIntervalMs, retentionIntervalMs, TimeUnit.MILLISECONDS);
    }
  }

  private void retain() {
    try {
      maintenance.retain();
    } catch (StorageException e) {
      LOG.info("the retention waits for its next turn: {}", e.getMessage());
    }
  }

  /** Waits a while for a server that is just going away. */
  private static WriterSession own(Connections connections, Known known) throws SQLException {
    long attempts = 1 + connections.options().ownTimeoutMs() / OWN_PAUSE_MS;
    while (true) {
      try {
        return WriterSession.open(connections, known.heads(), known.buckets());
      } catch (StoreTakenOver taken) {
        if (--attempts <= 0) {
          throw new StorageException.Unavailable(
              StorageException.Kind.FATAL,
              "the store is open in another server",
              "Stop that server (see the sessions named escrowmq-writer in the database), or choose"
                  + " another schema.",
              taken);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(OWN_PAUSE_MS));
      }
    }
  }
}
