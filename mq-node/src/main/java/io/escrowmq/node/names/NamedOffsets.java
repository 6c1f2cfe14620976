package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Offsets in one name's share of the queues; messages by id and key are found under any name. */
record NamedOffsets(BrokerServices broker, Share share) implements OffsetServices {

  @Override
  public OptionalLong committed(String consumerGroup, QueueId queue, boolean zeroIfYoung) {
    return broker.offsets().committed(consumerGroup, share.inner(queue), zeroIfYoung);
  }

  @Override
  public void commit(String consumerGroup, QueueId queue, long offset) {
    broker.offsets().commit(consumerGroup, share.inner(queue), offset);
  }

  @Override
  public QueueBounds bounds(QueueId queue) {
    return broker.offsets().bounds(share.inner(queue));
  }

  @Override
  public long offsetAt(QueueId queue, long timeMs, boolean upper) {
    return broker.offsets().offsetAt(share.inner(queue), timeMs, upper);
  }

  @Override
  public List<Message> look(QueueId queue, long fromOffset, int limit) {
    return share.shown(broker.offsets().look(share.inner(queue), fromOffset, limit));
  }

  @Override
  public Optional<Message> at(long position) {
    return broker.offsets().at(position).map(this::whereverItIs);
  }

  @Override
  public MessageIndex.Answer find(MessageIndex.Query query) {
    MessageIndex.Answer found = broker.offsets().find(query);
    return new MessageIndex.Answer(
        found.messages().stream().map(this::whereverItIs).toList(), found.continuation());
  }

  /** For people: the number that the queue has under its own name. */
  private Message whereverItIs(Message message) {
    return message.withQueue(message.queue() / share.count());
  }
}
