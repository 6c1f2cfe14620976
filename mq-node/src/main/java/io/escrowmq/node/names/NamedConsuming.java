package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ConsumeServices;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.QueueHandover;
import io.escrowmq.spi.storage.QueueId;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Consuming from one name's share of the queues. */
record NamedConsuming(BrokerServices broker, Share share) implements ConsumeServices {

  @Override
  public CompletionStage<PullAnswer> pull(PullRequest request) {
    return broker
        .consuming()
        .pull(
            new PullRequest(
                new NamedConnection(request.connection(), share),
                request.clientId(),
                request.consumerGroup(),
                share.inner(request.queue()),
                request.offset(),
                request.maxMessages(),
                request.maxBytes(),
                request.commitOffset(),
                request.suspendMs(),
                request.subscription(),
                request.subscriptionVersion()))
        .thenApply(answer ->
            new PullAnswer(
                answer.status(),
                share.shown(answer.messages()),
                answer.nextOffset(),
                answer.bounds(),
                answer.source()));
  }

  @Override
  public PopServices popping() {
    return new NamedPopping(broker.consuming().popping(), share);
  }

  @Override
  public Set<QueueId> lock(String consumerGroup, String clientId, Collection<QueueId> queues) {
    return share.shown(broker.consuming().lock(consumerGroup, clientId, share.inner(queues)));
  }

  @Override
  public void unlock(String consumerGroup, String clientId, Collection<QueueId> queues) {
    broker.consuming().unlock(consumerGroup, clientId, share.inner(queues));
  }

  @Override
  public QueueHandover handover() {
    return new NamedHandover(broker.consuming().handover(), share);
  }

  /** Of this name's queues. */
  private record NamedHandover(QueueHandover whole, Share share) implements QueueHandover {

    @Override
    public void shares(String consumerGroup, String clientId) {
      whole.shares(consumerGroup, clientId);
    }

    @Override
    public void committed(String consumerGroup, String clientId, QueueId queue) {
      whole.committed(consumerGroup, clientId, share.inner(queue));
    }

    @Override
    public CompletionStage<Void> turn(String consumerGroup, String clientId, QueueId queue) {
      return whole.turn(consumerGroup, clientId, share.inner(queue));
    }
  }
}
