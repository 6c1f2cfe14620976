package io.escrowmq.node;

import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.ConsumeServices;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.GroupServices;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.NamedValues;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.QueueHandover;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.SendServices;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ShardLeases.ShardState;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Refuses what only a broker does, and says where the brokers are. */
record Elsewhere(Supplier<List<ShardState>> shards)
    implements SendServices,
        TransactionServices,
        ConsumeServices,
        GroupServices,
        OffsetServices,
        Operations {

  /** The addresses of all brokers, for people. */
  String where() {
    String addresses =
        shards.get().stream()
            .filter(shard -> shard.current() && !shard.address().isEmpty())
            .map(ShardState::address)
            .collect(Collectors.joining(", "));
    return addresses.isEmpty() ? "none of them is there now" : addresses;
  }

  BrokerException refusal() {
    return new BrokerException(
        ErrorCode.ILLEGAL_OPERATION,
        "this listener is the name server of a cluster; the brokers are at " + where(),
        "Ask the broker that has the queue: its address is in the route of the topic.");
  }

  private <T> CompletionStage<T> refused() {
    return CompletableFuture.failedStage(refusal());
  }

  @Override
  public CompletionStage<SendReceipt> send(SendRequest request) {
    return refused();
  }

  @Override
  public CompletionStage<SendReceipt> sendBatch(BatchSendRequest request) {
    return refused();
  }

  @Override
  public CompletionStage<Void> sendBack(SendBackRequest request) {
    return refused();
  }

  @Override
  public CompletionStage<SendReceipt> reply(SendRequest request) {
    return refused();
  }

  @Override
  public CompletionStage<String> recall(String topic, String recallHandle) {
    return refused();
  }

  @Override
  public CompletionStage<Ended> end(EndRequest request) {
    return refused();
  }

  @Override
  public Optional<Message> parked(long position) {
    throw refusal();
  }

  @Override
  public CompletionStage<Boolean> resumeChecks(String topic, long position, String operator) {
    return refused();
  }

  @Override
  public TransactionServices transactions() {
    return this;
  }

  @Override
  public JointServices joint() {
    throw refusal();
  }

  @Override
  public GroupDirectory groups() {
    throw refusal();
  }

  @Override
  public NamedValues values() {
    throw refusal();
  }

  @Override
  public Map<String, Long> statistics() {
    throw refusal();
  }

  @Override
  public Map<String, Rate> rates() {
    throw refusal();
  }

  @Override
  public TransactionDesk transactionDesk() {
    throw refusal();
  }

  @Override
  public Flow flow() {
    throw refusal();
  }

  @Override
  public long startedAtMs() {
    throw refusal();
  }

  @Override
  public PopServices popping() {
    throw refusal();
  }

  @Override
  public QueueHandover handover() {
    throw refusal();
  }

  @Override
  public CompletionStage<PullAnswer> pull(PullRequest request) {
    return refused();
  }

  @Override
  public Set<QueueId> lock(String consumerGroup, String clientId, Collection<QueueId> queues) {
    throw refusal();
  }

  @Override
  public void unlock(String consumerGroup, String clientId, Collection<QueueId> queues) {
    throw refusal();
  }

  @Override
  public boolean heartbeat(ClientConnection connection, Heartbeat heartbeat) {
    throw refusal();
  }

  @Override
  public void unregister(
      ClientConnection connection, String clientId, String producerGroup, String consumerGroup) {
    throw refusal();
  }

  @Override
  public void connectionClosed(ClientConnection connection) {
    // Nobody registers here.
  }

  @Override
  public List<String> members(String consumerGroup) {
    throw refusal();
  }

  @Override
  public void checkSubscription(String consumerGroup, Subscription subscription) {
    throw refusal();
  }

  @Override
  public OptionalLong committed(String consumerGroup, QueueId queue, boolean zeroIfYoung) {
    throw refusal();
  }

  @Override
  public void commit(String consumerGroup, QueueId queue, long offset) {
    throw refusal();
  }

  @Override
  public QueueBounds bounds(QueueId queue) {
    throw refusal();
  }

  @Override
  public long offsetAt(QueueId queue, long timeMs, boolean upper) {
    throw refusal();
  }

  @Override
  public List<Message> look(QueueId queue, long fromOffset, int limit) {
    throw refusal();
  }

  @Override
  public Optional<Message> at(long position) {
    throw refusal();
  }

  @Override
  public MessageIndex.Answer find(MessageIndex.Query query) {
    throw refusal();
  }
}
