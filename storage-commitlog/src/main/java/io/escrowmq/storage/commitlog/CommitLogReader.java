package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Registration;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.storage.commitlog.log.RecordReader;
import io.escrowmq.storage.commitlog.views.IndexEntry;
import io.escrowmq.storage.commitlog.views.QueueState;
import io.escrowmq.storage.commitlog.views.Queues;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads of visible messages. Thread-safe. Blocks for I/O, by page faults too. */
final class CommitLogReader implements MessageLog {

  private static final int TRIES = 3;

  private final Queues queues;
  private final RecordReader records;
  private final Listeners listeners;
  private final AdmissionControl admission;

  CommitLogReader(
      Queues queues, RecordReader records, Listeners listeners, AdmissionControl admission) {
    this.queues = queues;
    this.records = records;
    this.listeners = listeners;
    this.admission = admission;
  }

  @Override
  public MessageBatch read(QueueId id, long fromOffset, ReadLimits limits) {
    admission.checkOpen();
    Optional<QueueState> queue = queues.find(id);
    if (queue.isEmpty()) {
      return MessageBatch.owned(List.of(), QueueBounds.EMPTY);
    }
    QueueBounds bounds = queue.get().bounds();
    List<Message> messages = new ArrayList<>();
    if (fromOffset >= bounds.min()) {
      collect(queue.get(), fromOffset, bounds.max(), limits, messages);
    }
    return MessageBatch.owned(messages, bounds);
  }

  @Override
  public QueueBounds bounds(QueueId id) {
    admission.checkOpen();
    return queues.find(id).map(QueueState::bounds).orElse(QueueBounds.EMPTY);
  }

  @Override
  public long offsetAt(QueueId id, long timeMs) {
    admission.checkOpen();
    return queues.find(id).map(queue -> queues.offsetAt(queue, timeMs)).orElse(0L);
  }

  @Override
  public Optional<Message> at(long position) {
    admission.checkOpen();
    Optional<RecordReader.Found> found = records.at(position);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return switch (found.get()) {
      case RecordReader.Found.Appended appended -> {
        Message message = appended.message();
        yield queues
            .find(message.queueId())
            .flatMap(queue -> visible(queue, message.queueOffset(), position));
      }
      case RecordReader.Found.Released released ->
          queues
              .find(released.queueUid())
              .flatMap(queue -> visible(queue, released.queueOffset(), position));
    };
  }

  @Override
  public List<QueueId> queues(Optional<QueueId> after, int limit) {
    admission.checkOpen();
    return queues.names(after, limit);
  }

  @Override
  public Registration onAppend(AppendListener listener) {
    return listeners.add(listener);
  }

  private Optional<Message> visible(QueueState queue, long offset, long position) {
    QueueBounds bounds = queue.bounds();
    if (offset < bounds.min() || offset >= bounds.max()) {
      return Optional.empty();
    }
    return queues
        .entry(queue, offset)
        .filter(entry -> entry.position() == position)
        .flatMap(entry -> message(queue, offset, entry));
  }

  private void collect(
      QueueState queue, long from, long max, ReadLimits limits, List<Message> messages) {
    long offset = from;
    long bytes = 0;
    while (offset < max) {
      long wanted = Math.min(max, offset + limits.maxMessages() - messages.size());
      List<IndexEntry> entries = queues.entries(queue, offset, wanted);
      if (entries.isEmpty()) {
        throw new StorageException.Corrupt(
            "the index of " + queue.id() + " has no entry for offset " + offset);
      }
      for (IndexEntry entry : entries) {
        bytes += entry.body().size();
        boolean full = messages.size() == limits.maxMessages() || bytes > limits.maxBytes();
        if (full && !messages.isEmpty()) {
          return;
        }
        Optional<Message> message = message(queue, offset, entry);
        if (message.isEmpty()) {
          return;
        }
        messages.add(message.get());
        offset++;
      }
      if (messages.size() >= limits.maxMessages()) {
        return;
      }
    }
  }

  /** The stamped message; empty if retention took it meanwhile. */
  private Optional<Message> message(QueueState queue, long offset, IndexEntry found) {
    IndexEntry entry = found;
    for (int i = 0; i < TRIES; i++) {
      Optional<ByteBuffer> bytes =
          records.message(entry.body().position(), entry.body().offset(), entry.body().size());
      if (bytes.isPresent()) {
        Message.stamp(bytes.get(), offset, entry.position(), entry.storeTimeMs());
        return Optional.of(Message.wrap(bytes.get()));
      }
      if (offset < queue.bounds().min()) {
        return Optional.empty();
      }
      entry = queues.entry(queue, offset).orElse(entry);
    }
    admission.checkOpen();
    throw new StorageException.Corrupt(
        "the log has no bytes for offset "
            + offset
            + " of "
            + queue.id()
            + ", which should be at log position "
            + entry.body().position());
  }
}
