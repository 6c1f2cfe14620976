package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.storage.jdbc.Overlay.IdState;
import io.escrowmq.storage.jdbc.Overlay.Visible;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The newest committed messages in memory, so that consumers that keep up do not touch the
 * database: for each queue a run of offsets without a gap, and besides them the newest held
 * messages, which become visible without their bytes coming by. The oldest goes first, whatever its
 * queue. Filled by the writer thread, read by everybody.
 */
final class TailCache {

  /** What a message costs besides its bytes, roughly; until its place in the order is cleared. */
  private static final int OVERHEAD_BYTES = 200;

  private final long mostBytes;
  private final Map<QueueId, Window> windows = new ConcurrentHashMap<>();
  private final Map<HoldId, Message> held = new HashMap<>();
  private final Deque<Kept> oldestFirst = new ArrayDeque<>();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final AtomicLong bytes = new AtomicLong();

  /** A cache of this many bytes; 0 for none. */
  TailCache(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** A place in the order of age; what it names may be gone already. */
  private sealed interface Kept {
    record InQueue(QueueId queue, long offset) implements Kept {}

    record InEscrow(HoldId id) implements Kept {}
  }

  /** Remembers what a committed group brought. Must come before its heads are published. */
  void keep(Overlay committed) {
    if (mostBytes == 0) {
      return;
    }
    committed.visible.forEach(this::keep);
    committed.ids.forEach(this::keep);
    while (bytes.get() > mostBytes) {
      forgetOldest();
    }
  }

  private void keep(Visible visible) {
    QueueId queue = visible.head().queue;
    MessageRow row = visible.message();
    HoldId hold = visible.hold();
    Message message = null;
    if (row != null) {
      message = row.stamped(visible.offset(), visible.position(), visible.storeMs());
    } else if (hold != null && held.containsKey(hold)) {
      message = held.get(hold).stamped(visible.offset(), visible.position(), visible.storeMs());
    }
    if (message != null) {
      Window window = windows.computeIfAbsent(queue, ignored -> new Window());
      bytes.addAndGet(message.size() - window.add(visible.offset(), message));
      order(new Kept.InQueue(queue, visible.offset()));
    }
  }

  private void keep(HoldId id, IdState state) {
    HeldRow row = state.held;
    if (row == null) {
      forget(held.remove(id));
    } else if (row.message() != null) {
      Message message = row.message().record();
      forget(held.put(id, message));
      bytes.addAndGet(message.size());
      order(new Kept.InEscrow(id));
    }
  }

  private void order(Kept newest) {
    oldestFirst.add(newest);
    bytes.addAndGet(OVERHEAD_BYTES);
  }

  private void forgetOldest() {
    bytes.addAndGet(-OVERHEAD_BYTES);
    switch (oldestFirst.remove()) {
      case Kept.InQueue(QueueId queue, long offset) -> {
        Window window = windows.get(queue);
        if (window != null) {
          bytes.addAndGet(-window.remove(offset));
          if (window.isEmpty()) {
            windows.remove(queue);
          }
        }
      }
      case Kept.InEscrow(HoldId id) -> forget(held.remove(id));
    }
  }

  private void forget(@Nullable Message message) {
    if (message != null) {
      bytes.addAndGet(-message.size());
    }
  }

  /** Forgets everything: the store may have gone on without this server. */
  void clear() {
    windows.clear();
    held.clear();
    oldestFirst.clear();
    bytes.set(0);
  }

  /**
   * Consecutive messages beginning at an offset.
   *
   * @param before the first offset that is not readable yet
   * @return empty if the first of them is not in memory
   */
  List<Message> read(QueueId queue, long from, long before, ReadLimits limits) {
    Window window = windows.get(queue);
    List<Message> found = window == null ? List.of() : window.read(from, before, limits);
    (found.isEmpty() ? misses : hits).increment();
    return found;
  }

  /** Reads that were answered from memory. */
  long hits() {
    return hits.sum();
  }

  /** Reads that had to go to the database. */
  long misses() {
    return misses.sum();
  }

  /** Memory in use, roughly. */
  long bytes() {
    return bytes.get();
  }

  /** The newest messages of a queue, in a ring. Thread-safe. */
  private static final class Window {
    private @Nullable Message[] ring = new Message[4];
    private int head;
    private int size;
    private long first;

    /** Adds a message; the bytes of those it drops because there is a gap before it. */
    private synchronized long add(long offset, Message message) {
      long dropped = 0;
      if (offset != first + size) {
        dropped = removeThrough(first + size - 1);
        first = offset;
      }
      if (size == ring.length) {
        grow();
      }
      ring[(head + size) % ring.length] = message;
      size++;
      return dropped;
    }

    /** Drops the message with this offset if it is still here; its bytes. */
    private synchronized long remove(long offset) {
      return size > 0 && offset == first ? removeThrough(offset) : 0;
    }

    private synchronized boolean isEmpty() {
      return size == 0;
    }

    private synchronized List<Message> read(long from, long before, ReadLimits limits) {
      long end = Math.min(Math.min(first + size, before), from + limits.maxMessages());
      if (from < first || from >= end) {
        return List.of();
      }
      List<Message> found = new ArrayList<>((int) (end - from));
      long bytes = 0;
      for (long offset = from; offset < end; offset++) {
        Message message = at(offset);
        bytes += message.size();
        if (!found.isEmpty() && bytes > limits.maxBytes()) {
          break;
        }
        found.add(message);
      }
      return found;
    }

    private Message at(long offset) {
      Message message = ring[(head + (int) (offset - first)) % ring.length];
      if (message == null) {
        throw new IllegalStateException("no message at offset " + offset);
      }
      return message;
    }

    private long removeThrough(long last) {
      long dropped = 0;
      while (size > 0 && first <= last) {
        dropped += at(first).size();
        ring[head] = null;
        head = (head + 1) % ring.length;
        size--;
        first++;
      }
      return dropped;
    }

    private void grow() {
      @Nullable Message[] larger = new Message[ring.length * 2];
      for (int i = 0; i < size; i++) {
        larger[i] = ring[(head + i) % ring.length];
      }
      ring = larger;
      head = 0;
    }
  }
}
