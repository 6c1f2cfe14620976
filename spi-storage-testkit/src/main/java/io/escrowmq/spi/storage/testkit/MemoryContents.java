package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TableRow;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** All that a store knows, as plain collections. Guarded by the {@link MemoryGate} of its store. */
final class MemoryContents {

  /** Queues that ever had a message. */
  final Map<QueueId, Queue> queues = new HashMap<>();

  /** Visible messages by position. */
  final NavigableMap<Long, Message> visible = new TreeMap<>();

  /** Positions by what a message is looked up by. */
  final Map<IndexKey, NavigableSet<Long>> index = new HashMap<>();

  /** Held messages. */
  final NavigableMap<HoldId, HeldMessage> held = new TreeMap<>();

  /** Released and discarded ids. */
  final Map<HoldId, HoldStatus> decided = new HashMap<>();

  /** Rows by table and key. */
  final Map<String, NavigableMap<Bytes, TableRow>> tables = new HashMap<>();

  /** Queues that got messages since their listeners were told. */
  private final Map<QueueId, Long> grown = new HashMap<>();

  long lastPosition;
  long lastVersion;
  long lastStoreTimeMs;
  long visibleBytes;

  /** What a message is found by. */
  record IndexKey(String topic, Field field, String value) {}

  /** A queue: its readable messages by offset, and its bounds. */
  static final class Queue {
    final NavigableMap<Long, Message> messages = new TreeMap<>();
    long min;
    long max;

    QueueBounds bounds() {
      return new QueueBounds(min, max);
    }
  }

  /** Makes a message visible at the next offset of its queue. */
  Message append(QueueId id, Message message, long storeTimeMs) {
    Queue queue = queues.computeIfAbsent(id, ignored -> new Queue());
    Message stamped = message.stamped(queue.max, ++lastPosition, storeTimeMs);
    queue.messages.put(queue.max++, stamped);
    visible.put(lastPosition, stamped);
    visibleBytes += stamped.size();
    grown.put(id, queue.max);
    stamped.keys().forEach(key -> addToIndex(id.topic(), Field.KEY, key));
    stamped.uniqueKey().ifPresent(key -> addToIndex(id.topic(), Field.UNIQUE_ID, key));
    return stamped;
  }

  /** Lets a queue that never had a message begin at the offset; false if it had one. */
  boolean begin(QueueId id, long firstOffset) {
    Queue queue = queues.computeIfAbsent(id, ignored -> new Queue());
    if (queue.max > 0) {
      return false;
    }
    queue.min = firstOffset;
    queue.max = firstOffset;
    return true;
  }

  /** Makes the messages of a queue below the offset unreadable. */
  void trim(QueueId id, long newMinOffset) {
    Queue queue = queues.get(id);
    if (queue == null) {
      return;
    }
    queue.min = Math.max(queue.min, Math.min(newMinOffset, queue.max));
    NavigableMap<Long, Message> gone = queue.messages.headMap(queue.min, false);
    for (Message message : gone.values()) {
      visible.remove(message.position());
      visibleBytes -= message.size();
    }
    gone.clear();
  }

  /** The queues that grew, with their new max, once. */
  Map<QueueId, Long> takeGrown() {
    Map<QueueId, Long> taken = Map.copyOf(grown);
    grown.clear();
    return taken;
  }

  private void addToIndex(String topic, Field field, String value) {
    index
        .computeIfAbsent(new IndexKey(topic, field, value), ignored -> new TreeSet<>())
        .add(lastPosition);
  }
}
