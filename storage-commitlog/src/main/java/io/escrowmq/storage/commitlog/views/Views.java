package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.QueueId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Everything that can be asked about a store, derived from its log. Look-ups through the parts are
 * thread-safe; staging, publishing and checkpoints belong to the sequencer's thread.
 */
public final class Views implements AutoCloseable {

  private static final long MOST_BYTES = 64L << 20;

  private final ViewStore store;
  private final Queues queues;
  private final Holds holds;
  private final TableRows tables;
  private final KeyIndex keys;
  private final Settling settling;
  private final Rows rows;
  private final LongUnaryOperator segmentOf;
  private long rowBytes;

  private Views(ViewStore store, LongUnaryOperator segmentOf) {
    this.store = store;
    this.segmentOf = segmentOf;
    this.queues = new Queues(store);
    this.holds = new Holds(store);
    this.tables = new TableRows(store);
    this.keys = new KeyIndex(store);
    this.settling = new Settling(store, keys, holds);
    this.rows = store.newRows();
  }

  /**
   * Opens the views as of the last checkpoint.
   *
   * @param segmentOf base position of the segment that holds a log position
   */
  public static Views open(Path directory, LongUnaryOperator segmentOf) {
    ViewStore store = ViewStore.open(directory);
    try {
      return new Views(store, segmentOf);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Queues and their index. */
  public Queues queues() {
    return queues;
  }

  /** Live and decided holds. */
  public Holds holds() {
    return holds;
  }

  /** Table rows. */
  public TableRows tables() {
    return tables;
  }

  /** Messages by key. */
  public KeyIndex keys() {
    return keys;
  }

  /** The oldest part of everything. */
  public Expiry expiry() {
    return new Expiry(store, this, rows);
  }

  /** The checkpoint found when opening. */
  public Checkpoint lastCheckpoint() {
    return new Checkpoint(
        Meta.number(store, Meta.STORE_ID, 0),
        Meta.number(store, Meta.POSITION, 0),
        Meta.number(store, Meta.STORE_TIME, 0));
  }

  /**
   * What a checkpoint says of itself.
   *
   * @param storeId 0 if there never was a checkpoint
   * @param position end of the log that the views reflect
   * @param storeTimeMs store time of the last frame before it
   */
  public record Checkpoint(long storeId, long position, long storeTimeMs) {}

  /** Collects an effect. Nobody sees it before {@link #publish()}. */
  public void stage(Effect effect) {
    switch (effect) {
      case Effect.Visible visible -> stageVisible(visible);
      case Effect.Held held -> holds.stage(held, rows);
      case Effect.Changed changed -> holds.stage(changed, rows);
      case Effect.Released released -> {
        holds.stage(released, rows);
        stageVisible(released.visible());
        Effect.Visible visible = released.visible();
        if (segmentOf.applyAsLong(visible.position()) > visible.body().position()) {
          rows.mark(ViewFamily.BODIES, bodyKey(visible));
        }
      }
      case Effect.Discarded discarded -> holds.stage(discarded, rows);
      case Effect.RowPut put -> tables.stage(put, rows);
      case Effect.RowDeleted deleted -> tables.stage(deleted, rows);
      case Effect.Trimmed trimmed -> queues.stage(trimmed);
      case Effect.Begun begun -> queues.stage(begun, rows);
      case Effect.Remembered remembered -> holds.stage(remembered, rows);
      case Effect.BodyMoved moved -> {
        queues.stage(moved, rows);
        long uid = moved.queue().uid();
        rows.delete(ViewFamily.BODIES, Keys.body(moved.fromPosition(), uid, moved.offset()));
        rows.mark(ViewFamily.BODIES, Keys.body(moved.body().position(), uid, moved.offset()));
      }
    }
  }

  /** Makes everything staged visible to readers, and says which queues have new messages. */
  public Map<QueueId, Long> publish() {
    holds.beforeWrite(rows);
    keys.young().current().show();
    rowBytes += rows.sizeBytes();
    rows.write();
    holds.afterWrite();
    Map<QueueId, Long> grown = new LinkedHashMap<>();
    for (QueueState queue : queues.publish()) {
      grown.put(queue.id(), queue.stagedMax());
    }
    return grown;
  }

  /** True if something changed since the last checkpoint that is not in the log's length. */
  public boolean isChanged() {
    return rowBytes > 0;
  }

  /** True when memory should not take much more before a checkpoint. */
  public boolean isCrowded() {
    return rowBytes >= MOST_BYTES || settling.isCrowded();
  }

  /**
   * Brings into the database what takes long, in the background. Nothing may be staged.
   *
   * @return false if a checkpoint would still take long: call again
   */
  public boolean isReadyForCheckpoint() {
    return settling.advance(rows);
  }

  /** True while the files of an earlier checkpoint are being written. */
  public boolean isFlushing() {
    return store.isFlushing();
  }

  /**
   * Adds what is only in memory and begins to write everything to files. Nothing may be staged. The
   * log must be durable up to the position.
   *
   * @param wait true to return only when the files are written
   */
  public void checkpoint(Checkpoint checkpoint, boolean wait) {
    settling.complete(rows);
    queues.checkpoint(rows);
    holds.checkpoint(rows);
    putMeta(Meta.STORE_ID, checkpoint.storeId());
    putMeta(Meta.POSITION, checkpoint.position());
    putMeta(Meta.STORE_TIME, checkpoint.storeTimeMs());
    rows.write();
    holds.afterWrite();
    rowBytes = 0;
    if (wait) {
      store.flushNow();
    } else {
      store.startFlush();
    }
  }

  /** Figures for statistics. */
  public Map<String, Long> statistics() {
    return Map.of(
        "views-memory-bytes", store.memoryBytes(),
        "views-file-bytes", store.fileBytes(),
        "queues-loaded", (long) queues.loaded(),
        "holds", holds.counts().values().stream().mapToLong(Long::longValue).sum());
  }

  /** Closes the database; what was not checkpointed is rebuilt from the log. */
  @Override
  public void close() {
    settling.close();
    rows.close();
    store.close();
  }

  private void stageVisible(Effect.Visible visible) {
    queues.stage(visible, rows);
    keys.stage(visible, rows);
  }

  private static byte[] bodyKey(Effect.Visible visible) {
    return Keys.body(visible.body().position(), visible.queue().uid(), visible.offset());
  }

  private void putMeta(String name, long value) {
    rows.put(ViewFamily.META, Meta.key(name), Meta.number(value));
  }

  /** The names of all queues. */
  public List<QueueId> queueNames() {
    List<QueueId> names = new ArrayList<>();
    queues.forEachName(names::add);
    return names;
  }
}
