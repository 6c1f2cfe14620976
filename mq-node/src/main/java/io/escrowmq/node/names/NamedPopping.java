package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.QueueStride;
import io.escrowmq.spi.protocol.RequestModes;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** POP from one name's share of the queues. */
record NamedPopping(PopServices whole, Share share) implements PopServices {

  @Override
  public CompletionStage<PopAnswer> pop(PopRequest request) {
    return whole.pop(inner(request)).thenApply(this::shown);
  }

  @Override
  public CompletionStage<List<Delivery.Outcome>> ack(
      String consumerGroup, List<Delivery> deliveries) {
    return whole.ack(consumerGroup, deliveries.stream().map(this::inner).toList());
  }

  @Override
  public CompletionStage<Changed> changeInvisible(
      String consumerGroup, Delivery delivery, long invisibleMs) {
    return whole.changeInvisible(consumerGroup, inner(delivery), invisibleMs);
  }

  @Override
  public CompletionStage<Boolean> hasMessages(PopRequest request) {
    return whole.hasMessages(inner(request));
  }

  @Override
  public CompletionStage<PopAnswer> peek(PopRequest request) {
    return whole.peek(inner(request)).thenApply(this::shown);
  }

  /** Requests that want any queue of any name count for each of them. */
  @Override
  public int waiting(String consumerGroup, String topic, int queue) {
    return whole.waiting(consumerGroup, topic, innerQueue(queue));
  }

  @Override
  public RequestModes modes() {
    return whole.modes();
  }

  private int innerQueue(int queue) {
    return queue == PopRequest.ANY_QUEUE ? queue : share.inner(queue);
  }

  private PopRequest inner(PopRequest request) {
    return new PopRequest(
        new NamedConnection(request.connection(), share),
        request.consumerGroup(),
        request.topic(),
        innerQueue(request.queue()),
        new QueueStride(share.index(), share.count()),
        request.maxMessages(),
        request.invisibleMs(),
        request.waitMs(),
        request.fromEnd(),
        request.subscription(),
        request.ordered(),
        request.attemptId());
  }

  private Delivery inner(Delivery delivery) {
    QueueId queue = share.inner(delivery.queue());
    return new Delivery(queue, delivery.offset(), delivery.popTimeMs(), delivery.generation());
  }

  private PopAnswer shown(PopAnswer answer) {
    return new PopAnswer(
        answer.status(),
        share.shown(answer.messages()),
        answer.lease(),
        answer.rest(),
        answer.sources());
  }
}
