package io.escrowmq.storage.commitlog.views;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Consecutive index entries of a queue. Grows at the end, by one thread; entries that were
 * published never change, except that a moved body replaces the whole block.
 *
 * <pre>per entry: 0 body record position  8 message position  16 store time ms
 *            24 size (int32)  28 offset of the message in its record (int32)</pre>
 */
final class IndexBlock {

  /** Entries of a full block; blocks start at multiples of it. */
  static final int ENTRIES = 128;

  private static final int LONGS = 4;
  private static final int FIRST_ENTRIES = 8;

  private final long start;
  private final long[] words;

  private IndexBlock(long start, long[] words) {
    this.start = start;
    this.words = words;
  }

  /** A block without entries that begins at the block boundary at or before the offset. */
  static IndexBlock empty(long offset) {
    return new IndexBlock(startOf(offset), new long[FIRST_ENTRIES * LONGS]);
  }

  static long startOf(long offset) {
    return offset & -ENTRIES;
  }

  static IndexBlock decode(long block, byte[] value) {
    long[] words = new long[value.length / Long.BYTES];
    ByteBuffer.wrap(value).asLongBuffer().get(words);
    return new IndexBlock(block * ENTRIES, words);
  }

  /** The first {@code count} entries. */
  byte[] encode(int count) {
    ByteBuffer value = ByteBuffer.allocate(count * LONGS * Long.BYTES);
    value.asLongBuffer().put(words, 0, count * LONGS);
    return value.array();
  }

  long start() {
    return start;
  }

  /** This block with room for the entry: itself, or a bigger copy. */
  IndexBlock roomFor(long offset) {
    int needed = (int) (offset - start + 1) * LONGS;
    if (needed <= words.length) {
      return this;
    }
    int length = Math.min(ENTRIES * LONGS, Math.max(needed, 2 * words.length));
    return new IndexBlock(start, Arrays.copyOf(words, length));
  }

  void set(long offset, IndexEntry entry) {
    int at = (int) (offset - start) * LONGS;
    words[at] = entry.body().position();
    words[at + 1] = entry.position();
    words[at + 2] = entry.storeTimeMs();
    words[at + 3] = (long) entry.body().size() << 32 | entry.body().offset();
  }

  IndexEntry get(long offset) {
    int at = (int) (offset - start) * LONGS;
    int size = (int) (words[at + 3] >>> 32);
    int bodyOffset = (int) words[at + 3];
    return new IndexEntry(new BodyRef(words[at], bodyOffset, size), words[at + 1], words[at + 2]);
  }

  long storeTimeMs(long offset) {
    return words[(int) (offset - start) * LONGS + 2];
  }

  /** A copy in which one entry's body is elsewhere. */
  IndexBlock moved(long offset, BodyRef body) {
    IndexBlock copy = new IndexBlock(start, words.clone());
    IndexEntry entry = get(offset);
    copy.set(offset, new IndexEntry(body, entry.position(), entry.storeTimeMs()));
    return copy;
  }
}
