package io.escrowmq.storage.rocksdb;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.rocksdb.AbstractImmutableNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * The library's configuration: every native object that lives as long as the database. Closed after
 * it, in reverse order.
 */
final class Natives implements AutoCloseable {

  private static final long MIB = 1 << 20;
  private static final long MEMORY_TABLE_BYTES = 64 * MIB;
  private static final long ARENA_BLOCK_BYTES = 256 * 1024;
  private static final long MOST_WAL_BYTES = 256 * MIB;
  private static final long BLOB_BYTES = 4096;
  private static final int BLOOM_BITS_PER_KEY = 10;
  private static final int BACKGROUND_JOBS = 4;

  private final List<AbstractImmutableNativeReference> owned =
      Collections.synchronizedList(new ArrayList<>());
  private final Cache cache;
  private final DBOptions database;
  private final ColumnFamilyOptions points;
  private final ColumnFamilyOptions ranges;
  private final ColumnFamilyOptions bodies;
  private final ColumnFamilyOptions messages;
  private final WriteOptions synced;
  private final WriteOptions written;
  private final ReadOptions reading;
  private final ReadOptions passing;

  Natives(RocksDbOptions options) {
    cache = own(new LRUCache(options.memoryBytes()));
    WriteBufferManager buffers =
        own(new WriteBufferManager(options.writeBufferBytes(), cache, false));
    BloomFilter bloom = own(new BloomFilter(BLOOM_BITS_PER_KEY));
    points = family(options).setTableFormatConfig(table().setFilterPolicy(bloom));
    ranges = family(options).setTableFormatConfig(table());
    bodies = family(options).setTableFormatConfig(table().setFilterPolicy(bloom));
    withBlobs(bodies).setEnableBlobGarbageCollection(true);
    messages = family(options).setTableFormatConfig(table());
    withBlobs(messages).setCompactionStyle(CompactionStyle.UNIVERSAL);
    database =
        own(new DBOptions())
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setParanoidChecks(true)
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
            .setWriteBufferManager(buffers)
            .setMaxTotalWalSize(MOST_WAL_BYTES)
            .setMaxBackgroundJobs(BACKGROUND_JOBS)
            .setBytesPerSync(MIB)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            .setKeepLogFileNum(2)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
    synced = own(new WriteOptions()).setSync(true);
    written = own(new WriteOptions());
    reading = own(new ReadOptions());
    passing = own(new ReadOptions()).setFillCache(false).setVerifyChecksums(true);
  }

  DBOptions database() {
    return database;
  }

  ColumnFamilyOptions of(Family family) {
    if (family == Family.BODIES) {
      return bodies;
    }
    return family.pointReads() ? points : ranges;
  }

  ColumnFamilyOptions ofBucket() {
    return messages;
  }

  WriteOptions writing(boolean sync) {
    return sync ? synced : written;
  }

  ReadOptions reading() {
    return reading;
  }

  /** For reads that should not push others out of the cache. */
  ReadOptions passing() {
    return passing;
  }

  /** Bytes in the block cache, memory tables included. */
  long cacheBytes() {
    return cache.getUsage();
  }

  /** True once nothing is open any more. */
  boolean isClosed() {
    return owned.stream().noneMatch(AbstractImmutableNativeReference::isOwningHandle);
  }

  @Override
  public void close() {
    owned.reversed().forEach(AbstractImmutableNativeReference::close);
  }

  private ColumnFamilyOptions family(RocksDbOptions options) {
    return own(new ColumnFamilyOptions())
        .setWriteBufferSize(Math.min(MEMORY_TABLE_BYTES, options.writeBufferBytes()))
        .setArenaBlockSize(ARENA_BLOCK_BYTES)
        .setCompressionType(CompressionType.LZ4_COMPRESSION);
  }

  private BlockBasedTableConfig table() {
    return new BlockBasedTableConfig()
        .setBlockCache(cache)
        .setCacheIndexAndFilterBlocks(true)
        .setCacheIndexAndFilterBlocksWithHighPriority(true)
        .setPinL0FilterAndIndexBlocksInCache(true);
  }

  private static ColumnFamilyOptions withBlobs(ColumnFamilyOptions options) {
    return options
        .setEnableBlobFiles(true)
        .setMinBlobSize(BLOB_BYTES)
        .setBlobCompressionType(CompressionType.LZ4_COMPRESSION);
  }

  private <T extends AbstractImmutableNativeReference> T own(T object) {
    owned.add(object);
    return object;
  }
}
