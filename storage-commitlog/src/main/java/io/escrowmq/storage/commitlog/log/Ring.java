package io.escrowmq.storage.commitlog.log;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap memory through which frames travel from any number of writers to one reader, in claim
 * order, without locks.
 *
 * <p>A writer claims room, fills it and publishes an entry; the reader takes published entries in
 * order, and gives the room back when its bytes are on disk. An entry's slot is the commit flag:
 * storing it with release order makes the frame's bytes visible to the reader. A claim is a promise
 * to publish: whoever waits in line behind it waits for it.
 *
 * @param <T> what describes a frame
 */
public final class Ring<T> {

  /** Claim result: no room now. */
  public static final long NO_ROOM = -1;

  /** Claim result: the ring was closed. */
  public static final long CLOSED = -2;

  private static final long CLOSED_BIT = Long.MIN_VALUE;

  private final ByteBuffer memory;
  private final int capacity;
  private final T padding;
  private final AtomicReferenceArray<@Nullable T> slots;
  private final AtomicLong tail = new AtomicLong();
  private final AtomicLong released = new AtomicLong();
  private long head;

  /**
   * An empty ring. Its memory is free when nobody refers to it any more: memory that can be closed
   * counts every access, by several threads in one place.
   *
   * @param capacityBytes a power of two, 1 MiB to 1 GiB
   * @param padding the entry that stands for the unused end of the ring
   */
  public Ring(int capacityBytes, T padding) {
    this(capacityBytes, padding, Arena.ofAuto());
  }

  /**
   * An empty ring in memory of the caller's choice.
   *
   * @param capacityBytes a power of two, 4 KiB to 1 GiB
   * @param padding the entry that stands for the unused end of the ring
   * @param arena where the memory comes from
   */
  public Ring(int capacityBytes, T padding, Arena arena) {
    if (Integer.bitCount(capacityBytes) != 1 || capacityBytes < 1 << 12) {
      throw new IllegalArgumentException("ring size must be a power of two: " + capacityBytes);
    }
    this.capacity = capacityBytes;
    this.padding = padding;
    this.memory = arena.allocate(capacityBytes, 4096).asByteBuffer();
    this.slots = new AtomicReferenceArray<>(capacityBytes / FrameLayout.ALIGNMENT);
  }

  /** Largest claim: an eighth of the ring. */
  public int maxClaimBytes() {
    return capacity / 8;
  }

  /**
   * Claims contiguous room.
   *
   * @param bytes a multiple of {@link FrameLayout#ALIGNMENT}, at most {@link #maxClaimBytes()}
   * @return the claim's position, {@link #NO_ROOM} or {@link #CLOSED}
   */
  public long claim(int bytes) {
    while (true) {
      long from = tail.get();
      if (from < 0) {
        return CLOSED;
      }
      int offset = offset(from);
      int pad = offset + bytes > capacity ? capacity - offset : 0;
      long to = from + pad + bytes;
      if (to - released.get() > capacity) {
        return NO_ROOM;
      }
      if (tail.compareAndSet(from, to)) {
        if (pad > 0) {
          slots.setRelease(slot(from), padding);
        }
        return from + pad;
      }
      Thread.onSpinWait();
    }
  }

  /** Hands a filled claim to the reader. */
  public void publish(long position, T entry) {
    slots.setRelease(slot(position), entry);
  }

  /** A view of the memory for the caller alone; a position's bytes start at {@link #offset}. */
  public ByteBuffer view() {
    return memory.duplicate();
  }

  /** Where a position lies in the memory. */
  public int offset(long position) {
    return (int) (position & capacity - 1);
  }

  /** The next published entry, or null. Padding is skipped. Reader's thread only. */
  @SuppressWarnings("ReferenceEquality") // there is one padding entry
  public @Nullable T peek() {
    T entry = slots.getAcquire(slot(head));
    if (entry == padding) {
      slots.setPlain(slot(head), null);
      head += capacity - offset(head);
      entry = slots.getAcquire(slot(head));
    }
    return entry;
  }

  /** The position of the entry that {@link #peek()} gave. Reader's thread only. */
  public long head() {
    return head;
  }

  /** Moves past the entry that {@link #peek()} gave. Reader's thread only. */
  public void advance(int bytes) {
    slots.setPlain(slot(head), null);
    head += bytes;
  }

  /** Gives the room before the position back to the writers. One thread at a time, rising. */
  public void release(long position) {
    released.setRelease(position);
  }

  /** Bytes claimed and not given back. */
  public long usedBytes() {
    return (tail.get() & ~CLOSED_BIT) - released.get();
  }

  /** Refuses further claims; earlier ones may still be published. */
  public void stopClaims() {
    tail.getAndUpdate(position -> position | CLOSED_BIT);
  }

  /** True once claims are refused and all earlier ones were taken. Reader's thread only. */
  public boolean isDrained() {
    return tail.get() == (head | CLOSED_BIT);
  }

  private int slot(long position) {
    return offset(position) / FrameLayout.ALIGNMENT;
  }
}
