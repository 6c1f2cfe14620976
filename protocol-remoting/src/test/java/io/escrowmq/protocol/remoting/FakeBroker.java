package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.ConsumeServices;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupServices;
import io.escrowmq.spi.protocol.Heartbeat;
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
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TopicServices;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * A broker small enough to read: everything in maps, every method one lock. It keeps what the
 * protocol asked so that tests can look, and can be told to fail or to wait.
 */
final class FakeBroker
    implements BrokerServices,
        TopicServices,
        SendServices,
        TransactionServices,
        ConsumeServices,
        GroupServices,
        OffsetServices {

  final FakeOperations operations = new FakeOperations();
  final FakeAuthority authority = new FakeAuthority();
  final FakePopping popping = new FakePopping();
  final FakeJoint joint = new FakeJoint();
  final FakeHandover handover = new FakeHandover();
  final List<SendRequest> sent = new ArrayList<>();
  final List<SendBackRequest> sentBack = new ArrayList<>();
  final List<EndRequest> ended = new ArrayList<>();
  final Map<Long, Message> parked = new HashMap<>();
  final List<PullRequest> pulled = new ArrayList<>();
  final List<Subscription> checked = new CopyOnWriteArrayList<>();
  final List<Heartbeat> heartbeats = new ArrayList<>();
  final List<String> left = new ArrayList<>();
  final Map<String, ClientConnection> clients = new HashMap<>();
  final Map<String, TopicConfig> topics = new TreeMap<>();

  /** Thrown by the next call that can fail. */
  private Supplier<RuntimeException> nextFailure = () -> null;

  /** Sends to the topic "slow" complete with it. */
  final CompletableFuture<Void> gate = new CompletableFuture<>();

  private final Map<QueueId, List<Message>> queues = new HashMap<>();
  private final Map<Long, Message> byPosition = new HashMap<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private final Map<QueueId, String> locks = new HashMap<>();
  private final Map<Long, Decision> transactions = new HashMap<>();
  private final List<WaitingPull> waitingPulls = new ArrayList<>();
  private final Map<String, Set<String>> members = new HashMap<>();
  private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  private long nextPosition = 1L << 33;
  private int openBatches;

  private record WaitingPull(PullRequest request, CompletableFuture<PullAnswer> answer) {}

  synchronized void advertise(InetSocketAddress advertised) {
    address = advertised;
  }

  synchronized void failNext(ErrorCode code, String message, String remedy) {
    failNext(() -> new BrokerException(code, message, remedy));
  }

  synchronized void failNext(Supplier<RuntimeException> failure) {
    nextFailure = failure;
  }

  synchronized int openBatches() {
    return openBatches;
  }

  private void failIfTold() {
    RuntimeException failure = nextFailure.get();
    nextFailure = () -> null;
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public FakeAuthority authority() {
    return authority;
  }

  @Override
  public synchronized BrokerIdentity identity() {
    return new BrokerIdentity("TestCluster", "test-broker", "TestRegion", address);
  }

  @Override
  public TopicServices topics() {
    return this;
  }

  @Override
  public SendServices sending() {
    return this;
  }

  @Override
  public Operations operations() {
    return operations;
  }

  @Override
  public TransactionServices transactions() {
    return this;
  }

  @Override
  public FakeJoint joint() {
    failIfTold();
    return joint;
  }

  @Override
  public ConsumeServices consuming() {
    return this;
  }

  @Override
  public GroupServices groups() {
    return this;
  }

  @Override
  public OffsetServices offsets() {
    return this;
  }

  @Override
  public synchronized Optional<TopicConfig> route(String topic) {
    return Optional.ofNullable(topics.get(topic));
  }

  @Override
  public synchronized void createOrUpdate(TopicConfig topic) {
    failIfTold();
    topics.put(topic.name(), topic);
  }

  @Override
  public synchronized List<TopicConfig> list() {
    return List.copyOf(topics.values());
  }

  @Override
  public synchronized void delete(String topic) {
    topics.remove(topic);
  }

  @Override
  public synchronized CompletionStage<SendReceipt> send(SendRequest request) {
    failIfTold();
    SendRequest kept = keep(request);
    sent.add(kept);
    if (request.topic().equals("slow")) {
      return gate.thenApply(open -> store(List.of(message(kept, kept.body()))));
    }
    if (request.topic().equals("async-failure")) {
      return CompletableFuture.failedFuture(
          new BrokerException(ErrorCode.STORE_FULL, "the disk is full", "Free space"));
    }
    return CompletableFuture.completedFuture(store(List.of(message(kept, kept.body()))));
  }

  private static SendRequest keep(SendRequest request) {
    ByteBuffer copy = ByteBuffer.allocate(request.body().remaining());
    copy.put(request.body().duplicate()).flip();
    return new SendRequest(
        request.producerGroup(),
        request.clientId(),
        request.topic(),
        request.defaultTopic(),
        request.defaultTopicQueues(),
        request.queue(),
        request.flag(),
        request.systemFlag(),
        request.bornTimeMs(),
        request.bornHost(),
        request.propertiesText(),
        copy,
        request.reconsumeTimes(),
        request.maxReconsumeTimes());
  }

  private Message message(SendRequest request, ByteBuffer body) {
    return new MessageBuilder()
        .queue(new QueueId(request.topic(), Math.max(0, request.queue())))
        .flag(request.flag())
        .systemFlag(request.systemFlag())
        .bornTimeMs(request.bornTimeMs())
        .bornHost(request.bornHost())
        .storeHost(address)
        .propertiesText(request.propertiesText())
        .body(body)
        .build();
  }

  private synchronized SendReceipt store(List<Message> messages) {
    List<Long> positions = new ArrayList<>();
    long first = -1;
    for (Message message : messages) {
      List<Message> queue = queues.computeIfAbsent(message.queueId(), id -> new ArrayList<>());
      long position = nextPosition++;
      Message stored = message.stamped(queue.size(), position, 1_000 + queue.size());
      first = first < 0 ? queue.size() : first;
      queue.add(stored);
      byPosition.put(position, stored);
      positions.add(position);
      if (message.property(MessageProperties.TRANSACTION).isPresent()) {
        transactions.put(position, Decision.UNKNOWN);
      }
    }
    QueueId grown = messages.getFirst().queueId();
    List<WaitingPull> woken =
        waitingPulls.stream().filter(pull -> pull.request().queue().equals(grown)).toList();
    waitingPulls.removeAll(woken);
    woken.forEach(pull -> pull.answer().complete(read(pull.request())));
    return new SendReceipt(
        messages.getFirst().queue(),
        first,
        positions,
        messages.getFirst().uniqueKey().orElse("U"),
        messages.getFirst().property("DELAY").map(level -> "handle-" + level));
  }

  @Override
  public synchronized CompletionStage<SendReceipt> sendBatch(BatchSendRequest request) {
    failIfTold();
    SendRequest envelope = request.envelope();
    sent.add(envelope);
    List<Message> messages = new ArrayList<>();
    for (BatchSendRequest.Entry entry : request.entries()) {
      messages.add(
          message(envelope, entry.body()).toBuilder()
              .flag(entry.flag())
              .propertiesText(entry.propertiesText())
              .build());
    }
    return CompletableFuture.completedFuture(store(messages));
  }

  @Override
  public synchronized CompletionStage<Void> sendBack(SendBackRequest request) {
    failIfTold();
    sentBack.add(request);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<SendReceipt> reply(SendRequest request) {
    Message message = message(request, request.body());
    ClientConnection asker = clients.get(message.property("REPLY_TO_CLIENT").orElse(""));
    if (asker == null || !asker.push(new ServerPush.Reply(request.producerGroup(), message))) {
      return CompletableFuture.failedFuture(
          new BrokerException(ErrorCode.CONSUMER_NOT_ONLINE, "the asker is gone", ""));
    }
    return CompletableFuture.completedFuture(
        new SendReceipt(message.queue(), 0, List.of(0L), "U", Optional.empty()));
  }

  @Override
  public CompletionStage<String> recall(String topic, String recallHandle) {
    return recallHandle.startsWith("handle-")
        ? CompletableFuture.completedFuture("recalled")
        : CompletableFuture.failedFuture(
            new BrokerException(ErrorCode.ILLEGAL_OPERATION, "malformed handle", "Check it"));
  }

  @Override
  public synchronized Optional<Message> parked(long position) {
    return Optional.ofNullable(parked.get(position));
  }

  @Override
  public synchronized CompletionStage<Boolean> resumeChecks(
      String topic, long position, String operator) {
    Message half = parked.get(position);
    boolean resumes = half != null && half.topic().equals(topic);
    if (resumes) {
      parked.remove(position);
    }
    return CompletableFuture.completedFuture(resumes);
  }

  @Override
  public synchronized CompletionStage<Ended> end(EndRequest request) {
    ended.add(request);
    long key = request.handle().commitLogOffset();
    Decision before = transactions.get(key);
    if (before == null) {
      return CompletableFuture.completedFuture(new Ended.NotFound());
    }
    if (request.producerGroup().equals("stranger")) {
      return CompletableFuture.completedFuture(new Ended.WrongGroup());
    }
    if (before != Decision.UNKNOWN && before != request.decision()) {
      return CompletableFuture.completedFuture(new Ended.Conflict(before));
    }
    transactions.put(key, request.decision());
    return CompletableFuture.completedFuture(
        request.decision() == Decision.UNKNOWN
            ? new Ended.StillOpen()
            : new Ended.Decided(request.decision(), before == request.decision()));
  }

  @Override
  public synchronized CompletionStage<PullAnswer> pull(PullRequest request) {
    failIfTold();
    pulled.add(request);
    request
        .commitOffset()
        .ifPresent(offset -> commit(request.consumerGroup(), request.queue(), offset));
    PullAnswer now = read(request);
    if (now.status() != PullAnswer.Status.NOTHING_NEW || request.suspendMs() == 0) {
      return CompletableFuture.completedFuture(now);
    }
    now.close();
    CompletableFuture<PullAnswer> later = new CompletableFuture<>();
    waitingPulls.add(new WaitingPull(request, later));
    return later;
  }

  private PullAnswer read(PullRequest request) {
    List<Message> queue = queues.getOrDefault(request.queue(), List.of());
    QueueBounds bounds = new QueueBounds(0, queue.size());
    long offset = request.offset();
    if (offset < 0 || offset > queue.size()) {
      return answer(PullAnswer.Status.OFFSET_MOVED, List.of(), Math.max(0, queue.size()), bounds);
    }
    List<Message> found =
        queue.subList((int) offset, (int) Math.min(queue.size(), offset + request.maxMessages()));
    if (found.isEmpty()) {
      return answer(PullAnswer.Status.NOTHING_NEW, List.of(), offset, bounds);
    }
    long next = offset + found.size();
    String wanted = request.subscription().map(Subscription::expression).orElse("*");
    List<Message> matching =
        found.stream()
            .filter(m -> wanted.equals("*") || m.tags().filter(wanted::equals).isPresent())
            .toList();
    return matching.isEmpty()
        ? answer(PullAnswer.Status.NONE_MATCHED, List.of(), next, bounds)
        : answer(PullAnswer.Status.FOUND, matching, next, bounds);
  }

  private PullAnswer answer(
      PullAnswer.Status status, List<Message> messages, long next, QueueBounds bounds) {
    openBatches++;
    return new PullAnswer(
        status,
        messages,
        next,
        bounds,
        new MessageBatch() {
          private boolean closed;

          @Override
          public List<Message> messages() {
            return messages;
          }

          @Override
          public QueueBounds bounds() {
            return bounds;
          }

          @Override
          public void close() {
            synchronized (FakeBroker.this) {
              if (!closed) {
                closed = true;
                openBatches--;
              }
            }
          }
        });
  }

  @Override
  public QueueHandover handover() {
    return handover;
  }

  @Override
  public synchronized Set<QueueId> lock(
      String consumerGroup, String clientId, Collection<QueueId> wanted) {
    Set<QueueId> held = new LinkedHashSet<>();
    for (QueueId queue : wanted) {
      if (locks.merge(queue, clientId, (old, mine) -> old).equals(clientId)) {
        held.add(queue);
      }
    }
    return held;
  }

  @Override
  public synchronized void unlock(
      String consumerGroup, String clientId, Collection<QueueId> given) {
    given.forEach(queue -> locks.remove(queue, clientId));
  }

  @Override
  public PopServices popping() {
    return popping;
  }

  @Override
  public synchronized boolean heartbeat(ClientConnection connection, Heartbeat heartbeat) {
    failIfTold();
    heartbeats.add(heartbeat);
    clients.put(heartbeat.clientId(), connection);
    boolean changed = false;
    for (Heartbeat.Consumer consumer : heartbeat.consumers()) {
      Set<String> group = members.computeIfAbsent(consumer.group(), name -> new TreeSet<>());
      if (group.add(heartbeat.clientId())) {
        changed = true;
        notifyMembers(consumer.group(), heartbeat.clientId());
      }
    }
    return changed;
  }

  private void notifyMembers(String group, String except) {
    for (String member : members.get(group)) {
      if (!member.equals(except)) {
        clients.get(member).push(new ServerPush.MembersChanged(group));
      }
    }
  }

  @Override
  public synchronized void unregister(
      ClientConnection connection, String clientId, String producerGroup, String consumerGroup) {
    left.add(clientId + "/" + producerGroup + "/" + consumerGroup);
    if (!consumerGroup.isEmpty()) {
      members.getOrDefault(consumerGroup, new TreeSet<>()).remove(clientId);
    }
  }

  @Override
  public synchronized void connectionClosed(ClientConnection connection) {
    left.add(connection.id());
    List<String> gone = new ArrayList<>();
    clients.forEach((id, its) -> {
      if (its.id().equals(connection.id())) {
        gone.add(id);
      }
    });
    gone.forEach(clients::remove);
    members.values().forEach(group -> group.removeAll(gone));
  }

  @Override
  public synchronized List<String> members(String consumerGroup) {
    return List.copyOf(members.getOrDefault(consumerGroup, Set.of()));
  }

  @Override
  public void checkSubscription(String consumerGroup, Subscription subscription) {
    checked.add(subscription);
    if (subscription.expression().contains("??")) {
      throw new BrokerException(
          ErrorCode.FILTER_INVALID, "no operand before '??'", "Correct the expression");
    }
  }

  private static String offsetKey(String group, QueueId queue) {
    return group + "@" + queue;
  }

  @Override
  public synchronized OptionalLong committed(
      String consumerGroup, QueueId queue, boolean zeroIfYoung) {
    Long offset = offsets.get(offsetKey(consumerGroup, queue));
    if (offset != null) {
      return OptionalLong.of(offset);
    }
    return zeroIfYoung ? OptionalLong.of(0) : OptionalLong.empty();
  }

  @Override
  public synchronized void commit(String consumerGroup, QueueId queue, long offset) {
    offsets.put(offsetKey(consumerGroup, queue), offset);
  }

  @Override
  public synchronized QueueBounds bounds(QueueId queue) {
    return new QueueBounds(0, queues.getOrDefault(queue, List.of()).size());
  }

  @Override
  public synchronized long offsetAt(QueueId queue, long timeMs, boolean upper) {
    return upper ? timeMs - 1_000 : Math.max(0, timeMs - 999);
  }

  @Override
  public synchronized List<Message> look(QueueId queue, long fromOffset, int limit) {
    return queues.getOrDefault(queue, List.of()).stream()
        .filter(message -> message.queueOffset() >= fromOffset)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized Optional<Message> at(long position) {
    return Optional.ofNullable(byPosition.get(position));
  }

  @Override
  public synchronized MessageIndex.Answer find(MessageIndex.Query query) {
    List<Message> found =
        byPosition.values().stream()
            .filter(message -> message.topic().equals(query.topic()))
            .filter(message ->
                query.field() == MessageIndex.Field.UNIQUE_ID
                    ? message.uniqueKey().filter(query.value()::equals).isPresent()
                    : message.keys().contains(query.value()))
            .limit(query.limit())
            .toList();
    return new MessageIndex.Answer(found, Optional.empty());
  }

  /** Asks the client about a half message, as the transaction service would. */
  synchronized boolean check(String clientId, Message half, long queueOffset, long position) {
    return clients
        .get(clientId)
        .push(
            new ServerPush.CheckTransaction(
                "pg", new TransactionHandle(queueOffset, position), "U", half));
  }
}
