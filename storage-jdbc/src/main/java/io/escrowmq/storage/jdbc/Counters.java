package io.escrowmq.storage.jdbc;

/**
 * The numbers of the newest row of {@code mq_group}. A copy is changed by a group and replaces the
 * old one when the group is committed. Not thread-safe.
 */
final class Counters {

  long lastGroup;
  long lastPosition;
  long lastVersion;
  int lastQueueId;
  long storeMs;
  long visibleMessages;
  long visibleBytes;
  long holds;

  /** An independent copy. */
  Counters copy() {
    Counters copy = new Counters();
    copy.lastGroup = lastGroup;
    copy.lastPosition = lastPosition;
    copy.lastVersion = lastVersion;
    copy.lastQueueId = lastQueueId;
    copy.storeMs = storeMs;
    copy.visibleMessages = visibleMessages;
    copy.visibleBytes = visibleBytes;
    copy.holds = holds;
    return copy;
  }
}
