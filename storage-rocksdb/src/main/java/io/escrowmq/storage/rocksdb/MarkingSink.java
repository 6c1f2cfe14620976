package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.StorageException;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/**
 * Writes groups and notes what is on the device. Written by the committer; {@link #syncWritten} by
 * the housekeeper.
 */
final class MarkingSink implements GroupSink {

  private final GroupSink sink;
  private final Database database;
  private final DurableMark mark;
  private final Consumer<StorageException> onFailure;
  private volatile boolean isSyncDue;

  MarkingSink(
      GroupSink sink, Database database, DurableMark mark, Consumer<StorageException> onFailure) {
    this.sink = sink;
    this.database = database;
    this.mark = mark;
    this.onFailure = onFailure;
  }

  @Override
  public void write(byte[] serialized, boolean sync) throws RocksDBException {
    sink.write(serialized, sync);
    if (sync) {
      mark.advance(database.sequence());
    } else {
      isSyncDue = true;
    }
  }

  /** Puts on the device what was only written, so that a power cut costs little of it. */
  void syncWritten() {
    if (!isSyncDue) {
      return;
    }
    isSyncDue = false;
    try {
      database.syncWritten();
    } catch (RocksDBException e) {
      onFailure.accept(Failures.writing(e));
    }
  }
}
