package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.SendRequest;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Transactions of several messages for one name's share of the queues. */
final class NamedJoint implements JointServices {

  private final BrokerServices broker;
  private final Share share;
  private final UnaryOperator<SendRequest> inner;

  /**
   * Over the broker behind the names.
   *
   * @param inner turns a request into the one that the broker behind sees
   */
  NamedJoint(BrokerServices broker, Share share, UnaryOperator<SendRequest> inner) {
    this.broker = broker;
    this.share = share;
    this.inner = inner;
  }

  @Override
  public CompletionStage<Opened> open(OpenRequest request) {
    return joint().open(request);
  }

  @Override
  public CompletionStage<Added> add(AddRequest request) {
    return joint()
        .add(
            new AddRequest(
                request.transactionId(), request.sequence(), inner.apply(request.message())))
        .thenApply(added -> new Added(share.shown(added.queue()), added.repeated()));
  }

  @Override
  public CompletionStage<Ended> end(EndRequest request) {
    return joint().end(request);
  }

  @Override
  public CompletionStage<View> view(String transactionId, String producerGroup) {
    return joint()
        .view(transactionId, producerGroup)
        .thenApply(view ->
            new View(
                view.state(),
                view.messages().stream()
                    .map(held ->
                        new Held(
                            held.sequence(),
                            held.topic(),
                            share.shown(held.queue()),
                            held.deliverAtMs()))
                    .toList()));
  }

  private JointServices joint() {
    return broker.sending().joint();
  }
}
