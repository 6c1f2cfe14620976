package io.escrowmq.storage.commitlog.log;

import io.escrowmq.spi.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes sealed frames to their segments and syncs them, back to back: whatever arrived during one
 * sync is the next group. One platform thread. A failed write or sync is final: nothing after the
 * last good sync is ever called durable, and the writer stops.
 */
public final class LogWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  /**
   * A contiguous piece of the log.
   *
   * @param external bytes outside the ring, or null for ring memory
   * @param offset of the bytes in that memory
   * @param ringEnd ring position that is free once this is written
   */
  public record Piece(
      Segment segment,
      long position,
      @Nullable ByteBuffer external,
      int offset,
      int length,
      long ringEnd,
      boolean sync) {

    boolean continuedBy(Piece next) {
      return external == null
          && next.external == null
          && segment.equals(next.segment)
          && position + length == next.position
          && offset + length == next.offset;
    }

    Piece with(Piece next) {
      return new Piece(
          segment, position, null, offset, length + next.length, next.ringEnd, sync || next.sync);
    }
  }

  private final Ring<?> ring;
  private final ByteBuffer memory;
  private final DurableMark mark;
  private final int groupBytes;
  private final Signal wakeUp = new Signal();
  private final Runnable onProgress;
  private final ConcurrentLinkedQueue<Piece> queue = new ConcurrentLinkedQueue<>();
  private final ConcurrentSkipListMap<Long, Segment> unsynced = new ConcurrentSkipListMap<>();
  private final ReentrantLock forcing = new ReentrantLock();
  private final State state;
  private final Thread thread;

  /** What others may see. */
  private static final class State {
    private volatile long written;
    private volatile long durable;
    private final AtomicLong syncs = new AtomicLong();
    private volatile boolean stopping;
    private volatile boolean busy;
    private volatile @Nullable StorageException failure;

    State(long end) {
      written = end;
      durable = end;
    }
  }

  /**
   * A writer that is not started yet.
   *
   * @param end where the log ends now; all of it is durable
   * @param groupBytes most bytes written before a wanted sync happens
   * @param onProgress called after each write, sync or failure, on the writer's thread
   */
  public LogWriter(Ring<?> ring, DurableMark mark, long end, int groupBytes, Runnable onProgress) {
    this.ring = ring;
    this.memory = ring.view();
    this.mark = mark;
    this.groupBytes = groupBytes;
    this.onProgress = onProgress;
    this.state = new State(end);
    this.thread = Thread.ofPlatform().name("commitlog-syncer").unstarted(this::run);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /**
   * Hands over the next piece of the log. The sequencer's thread only, which calls {@link #wake}
   * after the last piece it has for now: what belongs together goes out with one sync.
   */
  public void submit(Piece piece) {
    queue.add(piece);
  }

  /** Has the writer's thread look for pieces. */
  public void wake() {
    wakeUp.raise();
  }

  /** Everything before this position is in the page cache. */
  public long written() {
    return state.written;
  }

  /** Everything before this position is on the device. */
  public long durable() {
    return state.durable;
  }

  /** Number of syncs so far. */
  public long syncs() {
    return state.syncs.get();
  }

  /** Why the writer stopped, if it failed. */
  public Optional<StorageException> failure() {
    return Optional.ofNullable(state.failure);
  }

  /** True if nothing is waiting to be written. */
  public boolean isIdle() {
    return queue.isEmpty();
  }

  /**
   * True while a group is written and synced. The writer's thread calls {@code onProgress} after
   * that, so who would only wake the same thread need not: what arrives meanwhile is taken then, at
   * once. Waking it for each message costs a server under load more than the handover after a sync.
   */
  public boolean isBusy() {
    return state.busy;
  }

  /** Syncs what is written now, on the caller's thread. */
  public void force() {
    try {
      forceWritten();
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  /** Writes and syncs what was handed over, and stops. */
  @Override
  public void close() {
    state.stopping = true;
    wakeUp.raise();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        if (!queue.isEmpty()) {
          workOnGroup();
        } else {
          if (state.stopping) {
            forceWritten();
            return;
          }
          wakeUp.await(() -> !queue.isEmpty() || state.stopping);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    }
  }

  private void workOnGroup() throws IOException {
    state.busy = true;
    if (writeGroup()) {
      forceWritten();
    }
    state.busy = false;
    onProgress.run();
  }

  /** Writes what is waiting, up to the group's size; true if it must be synced. */
  private boolean writeGroup() throws IOException {
    boolean sync = false;
    long bytes = 0;
    while (bytes < groupBytes) {
      Piece piece = queue.poll();
      if (piece == null) {
        break;
      }
      Piece next = queue.peek();
      while (next != null && piece.length() < groupBytes && piece.continuedBy(next)) {
        queue.remove();
        piece = piece.with(next);
        next = queue.peek();
      }
      write(piece);
      sync |= piece.sync();
      bytes += piece.length();
    }
    return sync;
  }

  private void write(Piece piece) throws IOException {
    ByteBuffer source = piece.external();
    if (source == null) {
      source = memory;
    }
    source.limit(piece.offset() + piece.length()).position(piece.offset());
    piece.segment().write(source, piece.position());
    memory.clear();
    unsynced.putIfAbsent(piece.segment().base(), piece.segment());
    state.written = piece.position() + piece.length();
    ring.release(piece.ringEnd());
  }

  private void forceWritten() throws IOException {
    forcing.lock();
    try {
      StorageException failed = state.failure;
      if (failed != null) {
        throw failed;
      }
      long upTo = state.written;
      if (upTo == state.durable) {
        return;
      }
      for (Segment segment : unsynced.values()) {
        segment.force();
        if (segment.end() <= upTo) {
          unsynced.remove(segment.base());
        }
      }
      state.durable = upTo;
      state.syncs.incrementAndGet();
      mark.write(upTo);
    } finally {
      forcing.unlock();
    }
  }

  /** Stops for good: the store is read-only from now on. */
  public void fail(Throwable cause) {
    if (state.failure == null) {
      StorageException.Unavailable failure =
          new StorageException.Unavailable(
              StorageException.Kind.FATAL,
              "the log failed after position " + state.durable + ": " + cause.getMessage(),
              "Check the device; then restart the server, which reads back what is on it.",
              cause);
      state.failure = failure;
      LOG.error("the store is read-only now: {} {}", failure.getMessage(), failure.remedy(), cause);
    }
    state.busy = false;
    onProgress.run();
  }
}
