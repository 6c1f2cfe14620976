package io.escrowmq.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.rocksdb.files.NativeLibrary;
import io.escrowmq.spi.storage.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/**
 * The one owner of the embedded database and of every native object. Reads are thread-safe and
 * refuse to touch a closed database; one thread writes, creates and drops buckets.
 */
final class Database implements GroupSink, AutoCloseable {

  static {
    NativeLibrary.load();
  }

  private final Natives natives;
  private final RocksDB rocks;
  private final Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
  private final Map<Family, Integer> numbers = new EnumMap<>(Family.class);
  private final ConcurrentSkipListMap<Long, Bucket> buckets = new ConcurrentSkipListMap<>();
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final AtomicInteger openReads = new AtomicInteger();
  private boolean closed;

  private Database(Natives natives, Path directory) throws RocksDBException {
    this.natives = natives;
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (Family family : Family.values()) {
      descriptors.add(new ColumnFamilyDescriptor(family.storedName(), natives.of(family)));
    }
    for (String name : bucketNames(directory)) {
      descriptors.add(new ColumnFamilyDescriptor(name.getBytes(UTF_8), natives.ofBucket()));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    rocks = RocksDB.open(natives.database(), directory.toString(), descriptors, handles);
    try {
      Iterator<ColumnFamilyHandle> next = handles.iterator();
      for (Family family : Family.values()) {
        ColumnFamilyHandle handle = next.next();
        families.put(family, handle);
        numbers.put(family, handle.getID());
      }
      adoptBuckets(next);
    } catch (RocksDBException | RuntimeException e) {
      rocks.close();
      throw e;
    }
  }

  /**
   * Opens the database, creating it if it does not exist.
   *
   * @throws StorageException if the library refuses
   */
  static Database open(Path directory, RocksDbOptions options) {
    Natives natives = new Natives(options);
    try {
      return new Database(natives, directory);
    } catch (RocksDBException e) {
      natives.close();
      throw Failures.opening(directory, e);
    } catch (RuntimeException e) {
      natives.close();
      throw e;
    }
  }

  /** The value, or null if there is none. */
  byte @Nullable [] get(Family family, byte[] key) {
    return get(handle(family), natives.reading(), key);
  }

  /** The value in the bucket, or null if there is none or the bucket is gone. */
  byte @Nullable [] get(Bucket bucket, byte[] key) {
    return inBucket(bucket, () -> get(bucket.handle(), natives.reading(), key));
  }

  /** Visits rows in key order from the first key that is not less. */
  void scan(Family family, byte[] from, RowVisitor visitor) {
    scan(handle(family), natives.reading(), from, visitor);
  }

  /** Visits rows of the bucket; none if it is gone. */
  void scan(Bucket bucket, byte[] from, RowVisitor visitor) {
    var _ =
        inBucket(
            bucket,
            () -> {
              scan(bucket.handle(), natives.reading(), from, visitor);
              return bucket;
            });
  }

  /** Visits all rows of the bucket, comparing checksums and leaving the cache alone. */
  void scanUncached(Bucket bucket, byte[] from, RowVisitor visitor) {
    var _ =
        inBucket(
            bucket,
            () -> {
              scan(bucket.handle(), natives.passing(), from, visitor);
              return bucket;
            });
  }

  /** The last key of the family that is less than or equal, with its value, or null. */
  Map.@Nullable Entry<byte[], byte[]> floor(Family family, byte[] key) {
    Lock lock = enter();
    try (RocksIterator rows = rocks.newIterator(handle(family), natives.reading())) {
      rows.seekForPrev(key);
      rows.status();
      return rows.isValid() ? Map.entry(rows.key(), rows.value()) : null;
    } catch (RocksDBException e) {
      throw Failures.reading("a look-up in " + family, e);
    } finally {
      leave(lock);
    }
  }

  /** Several reads of one moment. */
  <T> T atOneMoment(Function<Moment, T> reads) {
    Lock lock = enter();
    Snapshot snapshot = rocks.getSnapshot();
    try (ReadOptions options = new ReadOptions().setSnapshot(snapshot)) {
      return reads.apply(new Moment(options));
    } finally {
      rocks.releaseSnapshot(snapshot);
      snapshot.close();
      leave(lock);
    }
  }

  /** What the database was when the moment began. Valid inside {@link #atOneMoment} only. */
  final class Moment {
    private final ReadOptions options;

    private Moment(ReadOptions options) {
      this.options = options;
    }

    byte @Nullable [] get(Family family, byte[] key) {
      return Database.this.get(handle(family), options, key);
    }

    void scan(Family family, byte[] from, RowVisitor visitor) {
      Database.this.scan(handle(family), options, from, visitor);
    }
  }

  @Override
  public void write(byte[] serialized, boolean sync) throws RocksDBException {
    Lock lock = enter();
    try (WriteBatch batch = new WriteBatch(serialized)) {
      rocks.write(natives.writing(sync), batch);
    } finally {
      leave(lock);
    }
  }

  /** Puts on the device whatever was written without a sync. */
  void syncWritten() throws RocksDBException {
    Lock lock = enter();
    try {
      rocks.flushWal(true);
    } finally {
      leave(lock);
    }
  }

  /** Number of the last change. */
  long sequence() {
    Lock lock = enter();
    try {
      return rocks.getLatestSequenceNumber();
    } finally {
      leave(lock);
    }
  }

  /** Returns unless the database was closed. */
  void checkOpen() {
    leave(enter());
  }

  /** The bucket, or null if it does not exist (any more). */
  @Nullable Bucket bucket(long ordinal) {
    return buckets.get(ordinal);
  }

  /** All buckets, oldest first. */
  List<Bucket> buckets() {
    return List.copyOf(buckets.values());
  }

  /** What a family is called in a batch. */
  int number(Family family) {
    return Objects.requireNonNull(numbers.get(family));
  }

  /** Creates a bucket. */
  Bucket createBucket(long ordinal, Bucket.Figures figures) throws RocksDBException {
    Lock lock = enter();
    try {
      byte[] name = Bucket.nameOf(ordinal).getBytes(UTF_8);
      ColumnFamilyHandle handle =
          rocks.createColumnFamily(new ColumnFamilyDescriptor(name, natives.ofBucket()));
      Bucket bucket = new Bucket(ordinal, handle, figures);
      buckets.put(ordinal, bucket);
      return bucket;
    } finally {
      leave(lock);
    }
  }

  /** Drops a bucket with everything in it; readers under way may finish. */
  void dropBucket(Bucket bucket) throws RocksDBException {
    Lock lock = enter();
    try {
      if (buckets.remove(bucket.ordinal(), bucket)) {
        rocks.dropColumnFamily(bucket.handle());
        bucket.release();
      }
    } finally {
      leave(lock);
    }
  }

  /** Begins to write a bucket's memory table to a file, so that it does not hold up the log. */
  void startFlush(Bucket bucket) throws RocksDBException {
    Lock lock = enter();
    try (FlushOptions options =
        new FlushOptions().setWaitForFlush(false).setAllowWriteStall(true)) {
      rocks.flush(options, bucket.handle());
    } finally {
      leave(lock);
    }
  }

  /** Writes everything in memory to files. */
  void flush() {
    Lock lock = enter();
    try {
      flushLocked();
    } finally {
      leave(lock);
    }
  }

  /** Rewrites a family without what was deleted, so that scans need not step over it. */
  void compact(Family family) throws RocksDBException {
    Lock lock = enter();
    try {
      rocks.compactRange(handle(family));
    } finally {
      leave(lock);
    }
  }

  /** Compares the checksums of all files. */
  void verifyFiles() {
    Lock lock = enter();
    try {
      rocks.verifyChecksum();
    } catch (RocksDBException e) {
      throw Failures.reading("verification", e);
    } finally {
      leave(lock);
    }
  }

  /** Figures about memory and files. */
  Map<String, Long> statistics() {
    Lock lock = enter();
    try {
      Map<String, Long> figures = new HashMap<>();
      long readers = sum("rocksdb.estimate-table-readers-mem");
      figures.put("native-memory-bytes", natives.cacheBytes() + readers);
      figures.put("block-cache-bytes", natives.cacheBytes());
      figures.put("table-readers-bytes", readers);
      figures.put("memory-tables-bytes", sum("rocksdb.cur-size-all-mem-tables"));
      figures.put("files-bytes", sum("rocksdb.total-sst-files-size") + blobBytes());
      figures.put("compactions-pending-bytes", sum("rocksdb.estimate-pending-compaction-bytes"));
      figures.put("background-errors", rocks.getLongProperty("rocksdb.background-errors"));
      figures.put("open-reads", (long) openReads.get() - 1);
      figures.put("buckets", (long) buckets.size());
      return figures;
    } catch (RocksDBException e) {
      throw Failures.reading("reading the library's figures", e);
    } finally {
      leave(lock);
    }
  }

  /** Reads and writes under way. */
  int openReads() {
    return openReads.get();
  }

  /** True once every native object is closed. */
  boolean isEverythingClosed() {
    return natives.isClosed() && !rocks.isOwningHandle();
  }

  /** Writes memory to files and closes everything. Waits for reads under way. Idempotent. */
  @Override
  public void close() {
    gate.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      try {
        flushLocked();
      } catch (StorageException.Unavailable | StorageException.Corrupt e) {
        Engine.LOG.warn("closing without a last flush; the next start replays the log", e);
      }
      closed = true;
      buckets.values().forEach(Bucket::release);
      families.values().forEach(ColumnFamilyHandle::close);
      rocks.close();
      natives.close();
    } finally {
      gate.writeLock().unlock();
    }
  }

  private void flushLocked() {
    List<ColumnFamilyHandle> all = new ArrayList<>(families.values());
    List<Bucket> held = buckets().stream().filter(Bucket::acquire).toList();
    held.forEach(bucket -> all.add(bucket.handle()));
    try (FlushOptions options = new FlushOptions().setAllowWriteStall(true)) {
      rocks.flush(options, all);
    } catch (RocksDBException e) {
      throw Failures.reading("flushing", e);
    } finally {
      held.forEach(Bucket::release);
    }
  }

  private static List<String> bucketNames(Path directory) throws RocksDBException {
    if (!Files.exists(directory.resolve("CURRENT"))) {
      return List.of();
    }
    try (Options options = new Options()) {
      return RocksDB.listColumnFamilies(options, directory.toString()).stream()
          .map(name -> new String(name, UTF_8))
          .filter(name -> Bucket.ordinalOf(name) >= 0)
          .toList();
    }
  }

  /** A bucket without a row was never used, or its end was decided: it goes. */
  private void adoptBuckets(Iterator<ColumnFamilyHandle> handles) throws RocksDBException {
    while (handles.hasNext()) {
      ColumnFamilyHandle handle = handles.next();
      long ordinal = Bucket.ordinalOf(new String(handle.getName(), UTF_8));
      byte[] row = rocks.get(handle(Family.STORE), Keys.bucket(ordinal));
      if (row == null) {
        rocks.dropColumnFamily(handle);
        handle.close();
      } else {
        buckets.put(ordinal, new Bucket(ordinal, handle, Bucket.Figures.decode(row)));
      }
    }
  }

  private <T> @Nullable T inBucket(Bucket bucket, java.util.function.Supplier<@Nullable T> action) {
    Lock lock = enter();
    try {
      if (!bucket.acquire()) {
        return null;
      }
      try {
        return action.get();
      } finally {
        bucket.release();
      }
    } finally {
      leave(lock);
    }
  }

  private byte @Nullable [] get(ColumnFamilyHandle handle, ReadOptions options, byte[] key) {
    Lock lock = enter();
    try {
      return rocks.get(handle, options, key);
    } catch (RocksDBException e) {
      throw Failures.reading("reading", e);
    } finally {
      leave(lock);
    }
  }

  private void scan(
      ColumnFamilyHandle handle, ReadOptions options, byte[] from, RowVisitor visitor) {
    Lock lock = enter();
    try (RocksIterator rows = rocks.newIterator(handle, options)) {
      for (rows.seek(from); rows.isValid(); rows.next()) {
        if (!visitor.row(rows.key(), rows.value())) {
          return;
        }
      }
      rows.status();
    } catch (RocksDBException e) {
      throw Failures.reading("reading", e);
    } finally {
      leave(lock);
    }
  }

  private long sum(String property) throws RocksDBException {
    return rocks.getAggregatedLongProperty(property);
  }

  private long blobBytes() throws RocksDBException {
    long total = 0;
    for (Bucket bucket : buckets.values()) {
      if (bucket.acquire()) {
        try {
          total += rocks.getLongProperty(bucket.handle(), "rocksdb.total-blob-file-size");
        } finally {
          bucket.release();
        }
      }
    }
    return total;
  }

  private ColumnFamilyHandle handle(Family family) {
    return Objects.requireNonNull(families.get(family));
  }

  private Lock enter() {
    Lock lock = gate.readLock();
    lock.lock();
    if (closed) {
      lock.unlock();
      throw new StorageException.Closed();
    }
    openReads.incrementAndGet();
    return lock;
  }

  private void leave(Lock lock) {
    openReads.decrementAndGet();
    lock.unlock();
  }
}
