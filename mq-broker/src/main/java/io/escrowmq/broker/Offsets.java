package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Consumer offsets, queue bounds and look-ups, as clients ask for them. */
final class Offsets implements OffsetServices {

  private static final int MAX_FOUND = 1024;
  private static final int LOOK_BYTES = 1 << 20;

  private final Storage storage;
  private final Topics topics;
  private final OffsetTable table;

  Offsets(Storage storage, Topics topics, OffsetTable table) {
    this.storage = storage;
    this.topics = topics;
    this.table = table;
  }

  @Override
  public OptionalLong committed(String consumerGroup, QueueId queue, boolean zeroIfYoung) {
    return Failures.translate(() -> {
      OptionalLong stored = table.find(consumerGroup, queue);
      if (stored.isPresent() || !zeroIfYoung) {
        return stored;
      }
      return storage.log().bounds(queue).min() == 0 ? OptionalLong.of(0) : OptionalLong.empty();
    });
  }

  @Override
  public void commit(String consumerGroup, QueueId queue, long offset) {
    TopicNames.checkGroup(consumerGroup);
    topics.require(queue.topic());
    if (offset < 0) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "group " + consumerGroup + " cannot be at offset " + offset + " of " + queue,
          "Offsets are 0 or greater.");
    }
    boolean _ =
        Failures.translate(() -> {
          table.commit(consumerGroup, queue, offset);
          return true;
        });
  }

  @Override
  public QueueBounds bounds(QueueId queue) {
    topics.require(queue.topic());
    return Failures.translate(() -> storage.log().bounds(queue));
  }

  @Override
  public long offsetAt(QueueId queue, long timeMs, boolean upper) {
    topics.require(queue.topic());
    return Failures.translate(() -> {
      if (!upper || timeMs == Long.MAX_VALUE) {
        return storage.log().offsetAt(queue, timeMs);
      }
      QueueBounds bounds = storage.log().bounds(queue);
      long firstLater = storage.log().offsetAt(queue, timeMs + 1);
      return Math.max(bounds.min(), firstLater - 1);
    });
  }

  @Override
  public List<Message> look(QueueId queue, long fromOffset, int limit) {
    topics.require(queue.topic());
    return Failures.translate(() -> {
      ReadLimits limits = new ReadLimits(Math.clamp(limit, 1, MAX_FOUND), LOOK_BYTES);
      try (MessageBatch batch = storage.log().read(queue, fromOffset, limits)) {
        return batch.messages().stream().map(Message::copy).toList();
      }
    });
  }

  @Override
  public Optional<Message> at(long position) {
    return position < 0 ? Optional.empty() : Failures.translate(() -> storage.log().at(position));
  }

  @Override
  public MessageIndex.Answer find(MessageIndex.Query query) {
    MessageIndex.Query bounded =
        new MessageIndex.Query(
            query.topic(),
            query.field(),
            query.value(),
            query.fromMs(),
            query.toMs(),
            Math.clamp(query.limit(), 1, MAX_FOUND),
            query.continuation());
    return Failures.translate(() -> storage.index().find(bounded));
  }
}
