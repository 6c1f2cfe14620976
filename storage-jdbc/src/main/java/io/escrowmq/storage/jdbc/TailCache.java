package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.storage.jdbc.Overlay.IdState;
import io.escrowmq.storage.jdbc.Overlay.Visible;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The newest committed messages in memory, so that consumers that keep up do not touch the
 * database: for each queue a run of offsets without a gap, and besides them the newest held
 * messages, which become visible without their bytes coming by. Filled by the writer thread, read
 * by everybody.
 *
 * <p>Records lie one after the other in slabs, whatever their queue, and the oldest slab is
 * forgotten as a whole: a few large arrays that the garbage collector neither copies nor follows.
 */
final class TailCache {

  /** Fills a region of the collector's heap, so that it is not moved. */
  private static final int MOST_SLAB_BYTES = (1 << 20) - 64;

  private static final int LEAST_SLAB_BYTES = 256;
  private static final int SLABS = 16;

  private final long mostBytes;
  private final int slabBytes;
  private final Map<QueueId, Window> windows = new ConcurrentHashMap<>();
  private final Map<HoldId, Place> held = new HashMap<>();
  private final Deque<Slab> slabs = new ArrayDeque<>();
  private final AtomicLong bytes = new AtomicLong();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  /** A cache of this many bytes; 0 for none. */
  TailCache(long mostBytes) {
    this.mostBytes = mostBytes;
    this.slabBytes = Math.clamp(mostBytes / SLABS, LEAST_SLAB_BYTES, MOST_SLAB_BYTES);
  }

  /** Memory for records, with everything that points into it. */
  private static final class Slab {
    private final byte[] memory;
    private final Set<QueueId> queues = new HashSet<>();
    private final List<HoldId> holds = new ArrayList<>();
    private int used;

    private Slab(int size) {
      this.memory = new byte[size];
    }
  }

  /** Where a record is. */
  private record Place(Slab slab, int at) {
    private Message message() {
      int size = ByteBuffer.wrap(slab.memory).getInt(at);
      return Message.wrap(ByteBuffer.wrap(slab.memory, at, size));
    }
  }

  /** Remembers what a committed group brought. Must come before its heads are published. */
  void keep(Overlay committed) {
    if (mostBytes > 0) {
      committed.visible.forEach(this::keep);
      committed.ids.forEach(this::keep);
    }
  }

  private void keep(Visible visible) {
    Message message = messageOf(visible);
    if (message == null) {
      return;
    }
    Place place = copy(message);
    ByteBuffer record = ByteBuffer.wrap(place.slab.memory, place.at, message.size());
    Message.stamp(record.slice(), visible.offset(), visible.position(), visible.storeMs());
    QueueId queue = visible.head().queue;
    windows.computeIfAbsent(queue, ignored -> new Window()).add(visible.offset(), place);
    place.slab.queues.add(queue);
  }

  private @Nullable Message messageOf(Visible visible) {
    if (visible.message() != null) {
      return visible.message().record();
    }
    Place wasHeld = visible.hold() == null ? null : held.get(visible.hold());
    return wasHeld == null ? null : wasHeld.message();
  }

  private void keep(HoldId id, IdState state) {
    HeldRow row = state.held;
    if (row == null) {
      held.remove(id);
    } else if (row.message() != null) {
      Place place = copy(row.message().record());
      place.slab.holds.add(id);
      held.put(id, place);
    }
  }

  /** Copies a record to the end of the newest slab, or of a new one. */
  private Place copy(Message message) {
    Slab slab = slabs.peekLast();
    int size = message.size();
    if (slab == null || slab.memory.length - slab.used < size) {
      slab = new Slab(Math.max(slabBytes, size));
      slabs.addLast(slab);
      bytes.addAndGet(slab.memory.length);
      while (bytes.get() > mostBytes && slabs.size() > 1) {
        forget(slabs.removeFirst());
      }
    }
    Place place = new Place(slab, slab.used);
    message.bytes().get(slab.memory, slab.used, size);
    slab.used += size;
    return place;
  }

  private void forget(Slab slab) {
    bytes.addAndGet(-slab.memory.length);
    for (QueueId queue : slab.queues) {
      Window window = windows.get(queue);
      if (window != null && window.forget(slab)) {
        windows.remove(queue);
      }
    }
    for (HoldId id : slab.holds) {
      Place place = held.get(id);
      if (place != null && place.slab == slab) {
        held.remove(id);
      }
    }
  }

  /** Forgets everything: the store may have gone on without this server. */
  void clear() {
    windows.clear();
    held.clear();
    slabs.clear();
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

  /** Memory for records in use. */
  long bytes() {
    return bytes.get();
  }

  /** Where the newest messages of a queue are, in a ring. Thread-safe. */
  private static final class Window {
    private @Nullable Slab[] slabs = new Slab[4];
    private int[] places = new int[4];
    private int head;
    private int size;
    private long first;

    /** Adds a message; forgets those before it if there is a gap. */
    private synchronized void add(long offset, Place place) {
      if (offset != first + size) {
        while (size > 0) {
          removeFirst();
        }
        first = offset;
      }
      if (size == places.length) {
        grow();
      }
      slabs[index(size)] = place.slab;
      places[index(size)] = place.at;
      size++;
    }

    /** Forgets the messages in a slab, which are its first ones; true if none are left. */
    private synchronized boolean forget(Slab slab) {
      while (size > 0 && slabs[head] == slab) {
        removeFirst();
      }
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
        Message message = at((int) (offset - first));
        bytes += message.size();
        if (!found.isEmpty() && bytes > limits.maxBytes()) {
          break;
        }
        found.add(message);
      }
      return found;
    }

    private Message at(int number) {
      Slab slab = slabs[index(number)];
      if (slab == null) {
        throw new IllegalStateException("no message at offset " + (first + number));
      }
      return new Place(slab, places[index(number)]).message();
    }

    private int index(int number) {
      return (head + number) % places.length;
    }

    private void removeFirst() {
      slabs[head] = null;
      head = index(1);
      size--;
      first++;
    }

    private void grow() {
      @Nullable Slab[] moreSlabs = new Slab[2 * size];
      int[] morePlaces = new int[2 * size];
      for (int i = 0; i < size; i++) {
        moreSlabs[i] = slabs[index(i)];
        morePlaces[i] = places[index(i)];
      }
      slabs = moreSlabs;
      places = morePlaces;
      head = 0;
    }
  }
}
