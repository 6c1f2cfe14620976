package io.escrowmq.ring.stress;

import io.escrowmq.storage.commitlog.log.Ring;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A ring of 64 slots whose entries can be told from each other's bytes: every byte of an entry is
 * its id. A checked read answers {@link #TORN} when entry, place and bytes do not fit together.
 */
final class StressedRing {
  static final int CAPACITY = 4096;
  static final int SLOT = 64;
  static final int SLOTS = CAPACITY / SLOT;

  /** Nothing is there. */
  static final int NOTHING = 0;

  /** Something is there that nobody published like this. */
  static final int TORN = -1;

  private static final Entry PADDING = new Entry(-1, 0, 0);

  private final Ring<Entry> ring = new Ring<>(CAPACITY, PADDING, new HeapArena());

  /** What a writer published: who it is, where it claimed, how much. */
  record Entry(long position, int id, int bytes) {}

  Ring<Entry> ring() {
    return ring;
  }

  /** Claims, fills and publishes; the claim's answer. */
  long write(int id, int bytes) {
    long position = ring.claim(bytes);
    if (position >= 0) {
      fill(position, id, bytes);
      publish(position, id, bytes);
    }
    return position;
  }

  void fill(long position, int id, int bytes) {
    ByteBuffer view = ring.view();
    long word = id * 0x0101010101010101L;
    for (int at = 0; at < bytes; at += Long.BYTES) {
      view.putLong(ring.offset(position) + at, word);
    }
  }

  void publish(long position, int id, int bytes) {
    ring.publish(position, new Entry(position, id, bytes));
  }

  /** The id of the next entry, {@link #NOTHING} or {@link #TORN}. Reader's thread only. */
  int look() {
    return check(ring.peek());
  }

  /** As {@link #look()}, and moves past the entry, keeping its room. Reader's thread only. */
  int take() {
    Entry entry = ring.peek();
    int id = check(entry);
    if (entry != null) {
      ring.advance(entry.bytes());
    }
    return id;
  }

  /** As {@link #take()}, and gives the room back. Reader's thread only. */
  int takeAndRelease() {
    int id = take();
    ring.release(ring.head());
    return id;
  }

  private int check(@Nullable Entry entry) {
    if (entry == null) {
      return NOTHING;
    }
    if (entry.position() != ring.head()) {
      return TORN;
    }
    ByteBuffer view = ring.view();
    long word = entry.id() * 0x0101010101010101L;
    for (int at = 0; at < entry.bytes(); at += Long.BYTES) {
      if (view.getLong(ring.offset(entry.position()) + at) != word) {
        return TORN;
      }
    }
    return entry.id();
  }
}
