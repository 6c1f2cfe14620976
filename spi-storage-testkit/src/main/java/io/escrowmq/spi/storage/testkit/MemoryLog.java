package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Reads of visible messages. */
final class MemoryLog implements MessageLog {

  private final MemoryGate gate;
  private final MemoryContents contents;
  private final List<Listening> listeners = new CopyOnWriteArrayList<>();

  MemoryLog(MemoryGate gate, MemoryContents contents) {
    this.gate = gate;
    this.contents = contents;
  }

  @Override
  public MessageBatch read(QueueId id, long fromOffset, ReadLimits limits) {
    return gate.enter(() -> MessageBatch.owned(take(id, fromOffset, limits), boundsOf(id)));
  }

  @Override
  public QueueBounds bounds(QueueId id) {
    return gate.enter(() -> boundsOf(id));
  }

  @Override
  public long offsetAt(QueueId id, long timeMs) {
    return gate.enter(() ->
        queue(id).messages.values().stream()
            .filter(message -> message.storeTimeMs() >= timeMs)
            .findFirst()
            .map(Message::queueOffset)
            .orElse(queue(id).max));
  }

  @Override
  public Optional<Message> at(long position) {
    return gate.enter(() -> Optional.ofNullable(contents.visible.get(position)));
  }

  @Override
  public List<QueueId> queues(Optional<QueueId> after, int limit) {
    return gate.enter(() ->
        contents.queues.entrySet().stream()
            .filter(queue -> queue.getValue().max > 0)
            .map(Map.Entry::getKey)
            .filter(id -> after.isEmpty() || id.compareTo(after.get()) > 0)
            .sorted()
            .limit(limit)
            .toList());
  }

  @Override
  public Registration onAppend(AppendListener listener) {
    Listening listening = new Listening(listener);
    listeners.add(listening);
    return () -> {
      listening.active = false;
      listeners.remove(listening);
    };
  }

  /** Tells every listener. Called outside the gate's critical changes, after they are readable. */
  void announce(QueueId id, long maxOffset) {
    for (Listening listening : listeners) {
      if (listening.active) {
        listening.listener.appended(id, maxOffset);
      }
    }
  }

  private List<Message> take(QueueId id, long fromOffset, ReadLimits limits) {
    List<Message> taken = new ArrayList<>();
    if (fromOffset < queue(id).min) {
      return taken;
    }
    long bytes = 0;
    for (Message message : queue(id).messages.tailMap(fromOffset).values()) {
      bytes += message.size();
      boolean full = taken.size() == limits.maxMessages() || bytes > limits.maxBytes();
      if (full && !taken.isEmpty()) {
        break;
      }
      taken.add(message);
    }
    return taken;
  }

  private QueueBounds boundsOf(QueueId id) {
    return queue(id).bounds();
  }

  private MemoryContents.Queue queue(QueueId id) {
    MemoryContents.Queue queue = contents.queues.get(id);
    return queue == null ? new MemoryContents.Queue() : queue;
  }

  private static final class Listening {
    private final AppendListener listener;
    private volatile boolean active = true;

    private Listening(AppendListener listener) {
      this.listener = listener;
    }
  }
}
