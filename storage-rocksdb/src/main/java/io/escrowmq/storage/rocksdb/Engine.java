package io.escrowmq.storage.rocksdb;

import io.escrowmq.rocksdb.files.EndlessRecords;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of an open store, put together and taken apart in the right order. */
final class Engine implements AutoCloseable {

  static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  /** The database's directory inside the store's. */
  static final String DATABASE = "db";

  private static final String MARK = "durable-mark";

  private final AtomicBoolean closed = new AtomicBoolean();
  private final Database database;
  private final DurableMark mark;
  private final AdmissionControl admission;
  private final Committer committer;
  private final Intake intake;
  private final RocksDbLog log;
  private final RocksDbEscrow escrow;
  private final RocksDbTables tables;
  private final RocksDbIndex index;
  private final RocksDbMaintenance maintenance;
  private final Housekeeping housekeeping;

  private Engine(
      Opened opened, StorageSettings settings, StorageContext context, RocksDbOptions options) {
    database = opened.database();
    mark = opened.mark();
    StoreClock clock = new StoreClock(context.time(), settings.decisionRetention().toMillis());
    DiskPressure pressure = opened.pressure();
    admission = opened.admission();
    Changes changes = new Changes(database, opened.sink(), clock, options);
    Listeners listeners = new Listeners();
    committer = new Committer(changes, admission, listeners, options);
    intake = new Intake(committer, admission, settings.durability());
    log = new RocksDbLog(database, new QueueReader(database), listeners);
    escrow = new RocksDbEscrow(database, clock);
    tables = new RocksDbTables(database);
    index = new RocksDbIndex(database, log);
    Retention retention =
        new Retention(database, committer, changes, clock, pressure, settings.retention());
    maintenance =
        new RocksDbMaintenance(database, committer, intake, admission, pressure, retention);
    housekeeping =
        new Housekeeping(
            pressure, opened.sink()::syncWritten, new Compaction(database, changes.holds()));
    committer.start();
    housekeeping.start(maintenance::retainQuietly, options.retentionIntervalMs());
  }

  /** What must be closed if opening fails later. */
  private record Opened(
      Database database,
      DurableMark mark,
      MarkingSink sink,
      AdmissionControl admission,
      DiskPressure pressure) {
    void close() throws IOException {
      database.close();
      mark.close();
    }
  }

  /** Opens everything and recovers. */
  static Engine open(
      StorageSettings settings, StorageContext context, UnaryOperator<GroupSink> detour) {
    RocksDbOptions options = RocksDbOptions.of(settings);
    Path directory = settings.directory();
    try {
      Files.createDirectories(directory);
      StoreFormat.check(directory);
      DiskPressure pressure = new DiskPressure(context.disk(), directory, options.disk());
      pressure.look();
      Opened opened = open(directory, options, pressure, detour);
      try {
        opened.mark().check(opened.database().sequence());
        return new Engine(opened, settings, context, options);
      } catch (IOException | RuntimeException e) {
        opened.close();
        throw e;
      }
    } catch (IOException e) {
      throw new StorageException.Unavailable(
          StorageException.Kind.FATAL,
          "cannot open the store in " + directory + ": " + e,
          "Check that the directory exists, is writable and has room.",
          e);
    }
  }

  private static Opened open(
      Path directory,
      RocksDbOptions options,
      DiskPressure pressure,
      UnaryOperator<GroupSink> detour)
      throws IOException {
    Path files = directory.resolve(DATABASE);
    new EndlessRecords(files).defuse();
    Database database = Database.open(files, options);
    try {
      DurableMark mark = DurableMark.open(directory.resolve(MARK));
      AdmissionControl admission = new AdmissionControl(pressure);
      MarkingSink sink = new MarkingSink(detour.apply(database), database, mark, admission::fail);
      return new Opened(database, mark, sink, admission, pressure);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  Database database() {
    return database;
  }

  Intake intake() {
    return intake;
  }

  RocksDbLog log() {
    return log;
  }

  RocksDbEscrow escrow() {
    return escrow;
  }

  RocksDbTables tables() {
    return tables;
  }

  RocksDbIndex index() {
    return index;
  }

  RocksDbMaintenance maintenance() {
    return maintenance;
  }

  /** Finishes what was accepted, then lets go of everything. Idempotent. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    admission.close();
    housekeeping.close();
    committer.close();
    database.close();
    try {
      mark.close();
    } catch (IOException e) {
      LOG.warn("closing {} failed", MARK, e);
    }
  }
}
