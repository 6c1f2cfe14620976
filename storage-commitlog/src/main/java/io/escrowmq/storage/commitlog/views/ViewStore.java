package io.escrowmq.storage.commitlog.views;

import io.escrowmq.rocksdb.files.EndlessRecords;
import io.escrowmq.rocksdb.files.NativeLibrary;
import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The one owner of the embedded database and of every native object. Reads are thread-safe and
 * refuse to touch a closed database; one thread writes.
 *
 * <p>There is no write-ahead log, and memory is written to files only by {@link #startFlush()}:
 * what is on disk is always the state of one moment, the last checkpoint.
 */
public final class ViewStore implements AutoCloseable {

  private static final long CACHE_BYTES = 64L << 20;
  private static final long NEVER_FULL_BYTES = 1L << 30;
  private static final long ARENA_BLOCK_BYTES = 256L << 10;
  private static final int BLOOM_BITS_PER_KEY = 10;
  private static final int MEMORY_TABLES = 6;

  /**
   * Of scattered rows. Each file more is a Bloom filter more to ask, each merge writes them all.
   */
  private static final int FILES_BEFORE_MERGE = 10;

  static {
    NativeLibrary.load();
  }

  private final List<AutoCloseable> natives = new ArrayList<>();
  private final Map<ViewFamily, ColumnFamilyHandle> families = new EnumMap<>(ViewFamily.class);
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final RocksDB database;
  private final WriteOptions writing;
  private final ReadOptions reading;
  private boolean closed;

  /** Sees one row of a scan; false ends it. */
  @FunctionalInterface
  interface RowVisitor {
    boolean row(byte[] key, byte[] value);
  }

  private ViewStore(Path directory) throws RocksDBException {
    Cache cache = own(new LRUCache(CACHE_BYTES));
    BloomFilter bloom = own(new BloomFilter(BLOOM_BITS_PER_KEY));
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (ViewFamily family : ViewFamily.values()) {
      BlockBasedTableConfig table = new BlockBasedTableConfig().setBlockCache(cache);
      if (family.pointReads()) {
        table.setFilterPolicy(bloom);
      }
      ColumnFamilyOptions options =
          own(new ColumnFamilyOptions())
              .setTableFormatConfig(table)
              .setWriteBufferSize(NEVER_FULL_BYTES)
              .setArenaBlockSize(ARENA_BLOCK_BYTES)
              .setMaxWriteBufferNumber(MEMORY_TABLES);
      if (family.scattered()) {
        options
            .setCompactionStyle(CompactionStyle.UNIVERSAL)
            .setLevel0FileNumCompactionTrigger(FILES_BEFORE_MERGE)
            .setCompressionType(CompressionType.NO_COMPRESSION);
      }
      descriptors.add(new ColumnFamilyDescriptor(family.storedName(), options));
    }
    DBOptions options =
        own(new DBOptions())
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setAtomicFlush(true)
            .setAvoidFlushDuringShutdown(true)
            .setAvoidFlushDuringRecovery(true)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            .setKeepLogFileNum(2)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
    writing = own(new WriteOptions()).setDisableWAL(true);
    reading = own(new ReadOptions());
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    database = RocksDB.open(options, directory.toString(), descriptors, handles);
    Iterator<ColumnFamilyHandle> next = handles.iterator();
    for (ViewFamily family : ViewFamily.values()) {
      families.put(family, next.next());
    }
  }

  /**
   * Opens the database, creating it if it does not exist.
   *
   * @throws StorageException.Corrupt if the library refuses the files
   */
  public static ViewStore open(Path directory) {
    try {
      new EndlessRecords(directory).defuse();
      return new ViewStore(directory);
    } catch (IOException | RocksDBException e) {
      throw new StorageException.Corrupt(
          "the views in " + directory + " cannot be opened: " + e.getMessage(), e);
    }
  }

  /**
   * For answers that need no look into the database.
   *
   * @throws StorageException.Closed if it is closed
   */
  void requireOpen() {
    enter().unlock();
  }

  /** The value, or null if there is none. */
  byte @Nullable [] get(ViewFamily family, byte[] key) {
    Lock lock = enter();
    try {
      return database.get(family(family), reading, key);
    } catch (RocksDBException e) {
      throw broken("reading", e);
    } finally {
      lock.unlock();
    }
  }

  /** Visits rows in key order from the first key that is not less. */
  void scan(ViewFamily family, byte[] from, RowVisitor visitor) {
    Lock lock = enter();
    try (RocksIterator rows = database.newIterator(family(family), reading)) {
      for (rows.seek(from); rows.isValid(); rows.next()) {
        if (!visitor.row(rows.key(), rows.value())) {
          return;
        }
      }
      rows.status();
    } catch (RocksDBException e) {
      throw broken("scanning", e);
    } finally {
      lock.unlock();
    }
  }

  /** The last key of the family that is less than or equal, or null. */
  byte @Nullable [] floorKey(ViewFamily family, byte[] key) {
    Lock lock = enter();
    try (RocksIterator rows = database.newIterator(family(family), reading)) {
      rows.seekForPrev(key);
      return rows.isValid() ? rows.key() : null;
    } finally {
      lock.unlock();
    }
  }

  /** A new batch. The caller closes it. */
  Rows newRows() {
    return new Rows(this);
  }

  /** Applies a batch. */
  void write(WriteBatch batch) {
    Lock lock = enter();
    try {
      database.write(writing, batch);
    } catch (RocksDBException e) {
      throw broken("writing", e);
    } finally {
      lock.unlock();
    }
  }

  /** Begins to write everything in memory to files, as one atomic state; returns at once. */
  void startFlush() {
    flush(false);
  }

  /** Writes everything in memory to files. */
  void flushNow() {
    flush(true);
  }

  /** True while a flush is under way. */
  boolean isFlushing() {
    return sum("rocksdb.num-immutable-mem-table") > 0;
  }

  /** Bytes of native memory in use: memory tables, table readers, block cache. */
  long memoryBytes() {
    return sum("rocksdb.cur-size-all-mem-tables")
        + sum("rocksdb.estimate-table-readers-mem")
        + property(ViewFamily.META, "rocksdb.block-cache-usage");
  }

  /** Bytes of the database's files. */
  long fileBytes() {
    return sum("rocksdb.total-sst-files-size");
  }

  ColumnFamilyHandle family(ViewFamily family) {
    return Objects.requireNonNull(families.get(family));
  }

  /** Closes the database without writing anything more. Waits for reads under way. Idempotent. */
  @Override
  public void close() {
    gate.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      families.values().forEach(ColumnFamilyHandle::close);
      database.close();
      for (AutoCloseable owned : natives.reversed()) {
        owned.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException("closing the views failed", e);
    } finally {
      gate.writeLock().unlock();
    }
  }

  private void flush(boolean wait) {
    Lock lock = enter();
    try (FlushOptions options = new FlushOptions().setWaitForFlush(wait).setAllowWriteStall(true)) {
      database.flush(options, List.copyOf(families.values()));
    } catch (RocksDBException e) {
      throw broken("flushing", e);
    } finally {
      lock.unlock();
    }
  }

  private long sum(String property) {
    long total = 0;
    for (ViewFamily family : ViewFamily.values()) {
      total += property(family, property);
    }
    return total;
  }

  private long property(ViewFamily family, String property) {
    Lock lock = enter();
    try {
      return database.getLongProperty(family(family), property);
    } catch (RocksDBException e) {
      throw broken("reading properties of", e);
    } finally {
      lock.unlock();
    }
  }

  private Lock enter() {
    Lock lock = gate.readLock();
    lock.lock();
    if (closed) {
      lock.unlock();
      throw new StorageException.Closed();
    }
    return lock;
  }

  private <T extends AutoCloseable> T own(T owned) {
    natives.add(owned);
    return owned;
  }

  private static StorageException broken(String doing, RocksDBException e) {
    return new StorageException.Unavailable(
        StorageException.Kind.FATAL,
        doing + " the views failed: " + e.getMessage(),
        "Check the device; then restart the server, which rebuilds the views from the log.",
        e);
  }
}
