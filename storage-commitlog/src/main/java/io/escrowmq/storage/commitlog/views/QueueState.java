package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import org.jspecify.annotations.Nullable;

/**
 * One queue: its bounds, and the index entries of its last, unfinished block.
 *
 * <p>Three views of it exist: what the sequencer has decided, what it has staged for the next
 * application, and what was published to readers. Only the published part may be read by other
 * threads.
 */
public final class QueueState {

  private final QueueId id;
  private final long uid;
  private volatile long min;
  private volatile long max;
  private volatile @Nullable IndexBlock tail;
  private long decidedMax;
  private long stagedMin;
  private long stagedMax;
  private @Nullable IndexBlock staged;
  private boolean dirty;
  private boolean touched;

  QueueState(QueueId id, long uid, QueueBounds bounds) {
    this.id = id;
    this.uid = uid;
    this.min = bounds.min();
    this.max = bounds.max();
    this.stagedMin = bounds.min();
    this.stagedMax = bounds.max();
    this.decidedMax = bounds.max();
  }

  /** Topic and number. */
  public QueueId id() {
    return id;
  }

  /** The number that stands for the queue in keys and records: position of its first record. */
  public long uid() {
    return uid;
  }

  /** What readers may see. */
  public QueueBounds bounds() {
    long visibleMin = min;
    return new QueueBounds(visibleMin, Math.max(visibleMin, max));
  }

  /** The next offset to give. Sequencer only. */
  public long decidedMax() {
    return decidedMax;
  }

  /** Gives the next offset. Sequencer only. */
  public long takeOffset() {
    return decidedMax++;
  }

  /** True if it had a message or was given a first offset. Sequencer only. */
  public boolean hasBegun() {
    return decidedMax > 0;
  }

  /** Lets a queue that has not begun do so at an offset. Sequencer only. */
  public void begin(long firstOffset) {
    decidedMax = firstOffset;
  }

  long stagedMin() {
    return stagedMin;
  }

  long stagedMax() {
    return stagedMax;
  }

  @Nullable IndexBlock staged() {
    return staged;
  }

  void stageTail(IndexBlock block) {
    staged = block;
  }

  void stageMax(long newMax) {
    stagedMax = newMax;
  }

  /** Raises the minimum, at most to the maximum, never lowers it. */
  void stageMin(long newMin) {
    stagedMin = Math.max(stagedMin, Math.min(newMin, stagedMax));
  }

  void stageBegin(long firstOffset) {
    stagedMin = firstOffset;
    stagedMax = firstOffset;
  }

  /** True the first time since it was last clean. */
  boolean makeDirty() {
    boolean first = !dirty;
    dirty = true;
    return first;
  }

  /** True the first time since the last publication. */
  boolean makeTouched() {
    boolean first = !touched;
    touched = true;
    return first;
  }

  void makeClean() {
    dirty = false;
  }

  /** Shows readers what was staged, once the database has what left the tail. */
  void publish() {
    touched = false;
    tail = staged;
    max = stagedMax;
    min = stagedMin;
  }

  /** The published tail, if it holds the offset. Look at the bounds first. */
  @Nullable IndexBlock tailWith(long offset) {
    IndexBlock block = tail;
    return block != null && offset >= block.start() ? block : null;
  }
}
