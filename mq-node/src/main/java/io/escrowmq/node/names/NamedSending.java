package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.SendServices;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.storage.MessageProperties;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Sending to one name's share of the queues. */
final class NamedSending implements SendServices {

  private static final String SHARDING_KEY = "__SHARDINGKEY";

  private final BrokerServices broker;
  private final Share share;
  private final JointServices joint;
  private final AtomicInteger turn = new AtomicInteger();

  NamedSending(BrokerServices broker, Share share) {
    this.broker = broker;
    this.share = share;
    this.joint = new NamedJoint(broker, share, this::inner);
  }

  @Override
  public CompletionStage<SendReceipt> send(SendRequest request) {
    return broker.sending().send(inner(request)).thenApply(this::shown);
  }

  @Override
  public CompletionStage<SendReceipt> sendBatch(BatchSendRequest request) {
    return broker
        .sending()
        .sendBatch(new BatchSendRequest(inner(request.envelope()), request.entries()))
        .thenApply(this::shown);
  }

  @Override
  public CompletionStage<Void> sendBack(SendBackRequest request) {
    return broker.sending().sendBack(request);
  }

  @Override
  public CompletionStage<SendReceipt> reply(SendRequest request) {
    return broker.sending().reply(request);
  }

  @Override
  public CompletionStage<String> recall(String topic, String recallHandle) {
    return broker.sending().recall(topic, recallHandle);
  }

  @Override
  public TransactionServices transactions() {
    return broker.sending().transactions();
  }

  @Override
  public JointServices joint() {
    return joint;
  }

  /** The request as the broker behind sees it. */
  SendRequest inner(SendRequest request) {
    return new SendRequest(
        request.producerGroup(),
        request.clientId(),
        request.topic(),
        request.defaultTopic(),
        // What a producer wants, it wants of every broker.
        request.defaultTopicQueues() * share.count(),
        innerQueue(request),
        request.flag(),
        request.systemFlag(),
        request.bornTimeMs(),
        request.bornHost(),
        request.propertiesText(),
        request.body(),
        request.reconsumeTimes(),
        request.maxReconsumeTimes());
  }

  /** Where the choice is the broker's, one of this name's queues. */
  private int innerQueue(SendRequest request) {
    if (request.queue() >= 0) {
      return share.inner(request.queue());
    }
    int mine =
        broker
            .topics()
            .route(request.topic())
            .map(TopicConfig::writeQueues)
            .map(share::of)
            .orElse(0);
    if (mine == 0) {
      return request.queue();
    }
    return share.inner(
        MessageProperties.find(request.propertiesText(), SHARDING_KEY)
            .map(key -> Math.abs(key.hashCode() % mine))
            .orElseGet(() -> Math.floorMod(turn.getAndIncrement(), mine)));
  }

  private SendReceipt shown(SendReceipt receipt) {
    return new SendReceipt(
        share.shown(receipt.queue()),
        receipt.queueOffset(),
        receipt.positions(),
        receipt.uniqueKey(),
        receipt.recallHandle());
  }
}
