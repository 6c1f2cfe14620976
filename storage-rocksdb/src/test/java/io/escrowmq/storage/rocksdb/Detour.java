package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** The engine with something between its committer and the database: stops, and failures. */
final class Detour implements EngineUnderTest {

  private static final int NEVER = Integer.MAX_VALUE;

  private final Semaphore permits = new Semaphore(0);
  private final AtomicInteger groups = new AtomicInteger();
  private volatile boolean isClosed;
  private volatile int failsFrom = NEVER;
  private volatile Status.SubCode reason = Status.SubCode.None;

  /** From now on groups wait for {@link #open()}. */
  void close() {
    permits.drainPermits();
    isClosed = true;
  }

  /** Lets everything pass. */
  void open() {
    isClosed = false;
    permits.release(Integer.MAX_VALUE / 2);
  }

  /** True if a group stands before the closed detour. */
  boolean isSomebodyWaiting() {
    return permits.hasQueuedThreads();
  }

  /** Groups written so far. */
  int groups() {
    return groups.get();
  }

  /** After this many more groups every write fails. */
  void failAfter(int more, Status.SubCode why) {
    reason = why;
    failsFrom = groups.get() + more;
  }

  /** Writes succeed again; the engine must not care. */
  void heal() {
    failsFrom = NEVER;
  }

  @Override
  public StorageProvider provider() {
    return new StorageProvider() {
      @Override
      public String id() {
        return RocksDbStorageProvider.ID;
      }

      @Override
      public Storage open(StorageSettings settings, StorageContext context) {
        return RocksDbStorage.open(
            settings,
            context,
            sink ->
                (batch, sync) -> {
                  pass();
                  sink.write(batch, sync);
                });
      }
    };
  }

  @Override
  public Map<String, String> options(Path directory) {
    return new RocksDbEngine().options(directory);
  }

  private void pass() throws RocksDBException {
    if (isClosed) {
      permits.acquireUninterruptibly();
    }
    if (groups.getAndIncrement() >= failsFrom) {
      throw new RocksDBException(
          "injected", new Status(Status.Code.IOError, reason, "injected failure"));
    }
  }
}
