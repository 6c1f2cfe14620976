package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.RequestModes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Refuses POP: one pop is answered from all queues of a topic, and a client takes what it got for
 * messages of the name that it asked.
 */
final class NoPopping implements PopServices {

  @Override
  public CompletionStage<PopAnswer> pop(PopRequest request) {
    return CompletableFuture.failedStage(refusal());
  }

  @Override
  public CompletionStage<List<Delivery.Outcome>> ack(
      String consumerGroup, List<Delivery> deliveries) {
    return CompletableFuture.failedStage(refusal());
  }

  @Override
  public CompletionStage<Changed> changeInvisible(
      String consumerGroup, Delivery delivery, long invisibleMs) {
    return CompletableFuture.failedStage(refusal());
  }

  @Override
  public CompletionStage<Boolean> hasMessages(PopRequest request) {
    return CompletableFuture.failedStage(refusal());
  }

  @Override
  public CompletionStage<PopAnswer> peek(PopRequest request) {
    return CompletableFuture.failedStage(refusal());
  }

  @Override
  public int waiting(String consumerGroup, String topic, int queue) {
    return 0;
  }

  @Override
  public RequestModes modes() {
    throw refusal();
  }

  private static BrokerException refusal() {
    return new BrokerException(
        ErrorCode.ILLEGAL_OPERATION,
        "POP and server-side assignment need a broker with one name, and this one has several",
        "Leave escrowmq.cluster.more-broker-names empty, or consume by pulling.");
  }
}
