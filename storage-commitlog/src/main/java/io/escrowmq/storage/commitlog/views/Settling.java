package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.StorageException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings keys and decisions from memory to the database, which takes a second for some hundred
 * thousand: all but the last of them in the background before a checkpoint, so that the checkpoint
 * itself is short. Until the database is flushed this changes nothing of what survives. The
 * sequencer's, but for its own thread.
 */
final class Settling implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Settling.class);

  /** What a checkpoint may have to bring along: about 10 ms. */
  private static final int FEW = 8192;

  /** If more comes than can be brought away, the checkpoint takes what is left. */
  private static final int MOST_ROUNDS = 3;

  private static final int ROWS_PER_WRITE = 256;
  private static final long CLOSE_PATIENCE_SECONDS = 60;

  private final ViewStore store;
  private final KeyIndex keys;
  private final Holds holds;
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("commitlog-views").factory());
  private @Nullable Future<?> running;
  private int rounds;

  Settling(ViewStore store, KeyIndex keys, Holds holds) {
    this.store = store;
    this.keys = keys;
    this.holds = holds;
  }

  /** True when memory should not take many more, and then until a checkpoint. */
  boolean isCrowded() {
    return running != null
        || keys.young().current().isCrowded()
        || holds.youngDecisions().current().isCrowded();
  }

  /**
   * Begins or goes on to bring away what is in memory. Nothing may be staged.
   *
   * @return true if little is left
   */
  boolean advance(Rows rows) {
    if (running != null) {
      if (!running.isDone()) {
        return false;
      }
      finish(rows);
    }
    if (left() <= FEW || rounds == MOST_ROUNDS) {
      return true;
    }
    rounds++;
    YoungRows sealedKeys = keys.young().seal();
    YoungRows sealedDecisions = holds.youngDecisions().seal();
    running = worker.submit(() -> store(sealedKeys, sealedDecisions));
    return false;
  }

  /** Brings away everything, on the caller's thread. Nothing may be staged. */
  void complete(Rows rows) {
    finish(rows);
    store(keys.young().current(), holds.youngDecisions().current());
    keys.young().drop();
    holds.youngDecisions().drop();
    rounds = 0;
  }

  @Override
  public void close() {
    worker.shutdown();
    try {
      if (!worker.awaitTermination(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("bringing rows to the views did not stop within {} s", CLOSE_PATIENCE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int left() {
    return keys.young().current().size() + holds.youngDecisions().current().size();
  }

  private void store(YoungRows youngKeys, YoungRows youngDecisions) {
    try (RowStream stream = new RowStream(store)) {
      KeyIndex.store(youngKeys, stream);
      YoungDecisions.store(youngDecisions, stream);
    }
  }

  /** Waits for what is under way. */
  private void finish(Rows rows) {
    Future<?> begun = running;
    if (begun == null) {
      return;
    }
    try {
      begun.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StorageException cause
          ? cause
          : new IllegalStateException("bringing rows to the views failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while rows went to the views", e);
    }
    running = null;
    keys.young().dropSealed();
    holds.dropSealedDecisions(rows);
    rows.write();
  }

  /** Writes rows to the database, some at a time: the sequencer's own must not wait for long. */
  private static final class RowStream implements RowSink, AutoCloseable {

    private final Rows rows;
    private int collected;

    RowStream(ViewStore store) {
      this.rows = store.newRows();
    }

    @Override
    public void put(ViewFamily family, byte[] key, byte[] value) {
      rows.put(family, key, value);
      collected++;
      if (collected == ROWS_PER_WRITE) {
        rows.write();
        collected = 0;
      }
    }

    @Override
    public void close() {
      rows.write();
      rows.close();
    }
  }
}
