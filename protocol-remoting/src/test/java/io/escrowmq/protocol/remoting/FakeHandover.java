package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.QueueHandover;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it is told, and lets questions wait as long as the test wants. */
final class FakeHandover implements QueueHandover {

  final List<String> heard = new CopyOnWriteArrayList<>();
  volatile CompletableFuture<Void> turn = CompletableFuture.completedFuture(null);

  @Override
  public void shares(String consumerGroup, String clientId) {
    heard.add(clientId + " shares " + consumerGroup);
  }

  @Override
  public void committed(String consumerGroup, String clientId, QueueId queue) {
    heard.add(clientId + " commits " + consumerGroup + " " + queue.queue());
  }

  @Override
  public CompletionStage<Void> turn(String consumerGroup, String clientId, QueueId queue) {
    heard.add(clientId + " asks " + consumerGroup + " " + queue.queue());
    return turn;
  }
}
