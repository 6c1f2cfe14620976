package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A coordinator over a store with fake producers and a clock that moves only when told. */
final class Scene implements AutoCloseable {

  static final String GROUP = "bank";
  static final QueueId QUEUE = new QueueId("transfers", 0);

  private static final ReadLimits ALL = new ReadLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);

  final ManualTimeSource time = new ManualTimeSource();
  final FakeProducers producers = new FakeProducers();
  final List<TransactionEvent> events = Collections.synchronizedList(new ArrayList<>());
  private final StoreUnderTest store;
  private final CheckPolicy policy;
  private final UnaryOperator<Storage> spoiled;
  private final UnaryOperator<CheckChannel> spoiledChannel;
  private final AtomicLong randomBytes = new AtomicLong(42);
  private GatedStorage gate;
  private TransactionCoordinator coordinator;

  Scene() {
    this(CheckPolicy.DEFAULT);
  }

  Scene(CheckPolicy policy) {
    this(policy, Sabotage.NONE, StoreUnderTest.CHOSEN);
  }

  /** A scene with another way to producers. */
  Scene(CheckPolicy policy, UnaryOperator<CheckChannel> way) {
    this(policy, UnaryOperator.identity(), way, StoreUnderTest.CHOSEN);
  }

  /** A scene whose coordinator is broken in one way. */
  Scene(CheckPolicy policy, Sabotage sabotage, String engine) {
    this(policy, sabotage.storage(), sabotage.channel(), engine);
  }

  Scene(
      CheckPolicy policy,
      UnaryOperator<Storage> spoiled,
      UnaryOperator<CheckChannel> spoiledChannel,
      String engine) {
    store = new StoreUnderTest(time, engine);
    this.policy = policy;
    this.spoiled = spoiled;
    this.spoiledChannel = spoiledChannel;
    gate = new GatedStorage(spoiled.apply(store.storage()));
    coordinator = newCoordinator();
  }

  Storage storage() {
    return store.storage();
  }

  /** See {@link StoreUnderTest#written}. */
  double written(byte[] body) {
    return store.written(body);
  }

  GatedStorage gate() {
    return gate;
  }

  TransactionCoordinator coordinator() {
    return coordinator;
  }

  /** What another server over the same store has. */
  TransactionCoordinator another() {
    return newCoordinator();
  }

  /** Restarts store and coordinator; memory of the old one is gone. */
  void restart() {
    coordinator.close();
    store.restart();
    gate = new GatedStorage(spoiled.apply(store.storage()));
    coordinator = newCoordinator();
  }

  @Override
  public void close() {
    coordinator.close();
    store.close();
  }

  HalfMessage half(String key) {
    return half(GROUP, "sender", QUEUE, key, 0);
  }

  HalfMessage half(String group, String clientId, QueueId queue, String key, long deliverAtMs) {
    return half(group, clientId, queue, key, deliverAtMs, "body of " + key);
  }

  HalfMessage half(
      String group, String clientId, QueueId queue, String key, long deliverAtMs, String body) {
    return new HalfMessage(
        group,
        clientId,
        queue,
        Optional.of(key),
        ByteBuffer.wrap(body.getBytes(UTF_8)),
        Optional.empty(),
        deliverAtMs,
        handle -> message(queue, group, key, body, handle));
  }

  /** A half message with further properties. */
  HalfMessage half(String key, Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.put(MessageProperties.UNIQUE_KEY, key);
    return new HalfMessage(
        GROUP,
        "sender",
        QUEUE,
        Optional.of(key),
        ByteBuffer.wrap(key.getBytes(UTF_8)),
        Optional.empty(),
        0,
        handle ->
            SampleMessages.builder(QUEUE, key)
                .preparedTransactionOffset(handle.a())
                .propertiesText(MessageProperties.format(all))
                .build());
  }

  static Message message(QueueId queue, String group, String key, String body, Handle handle) {
    return SampleMessages.builder(queue, body)
        .systemFlag(MessageFormat.FLAG_TRANSACTION_COMMIT)
        .preparedTransactionOffset(handle.a())
        .propertiesText(
            MessageProperties.format(
                Map.of(MessageProperties.UNIQUE_KEY, key, MessageProperties.PRODUCER_GROUP, group)))
        .build();
  }

  HalfOutcome prepare(HalfMessage half) {
    return await(coordinator.prepare(half));
  }

  /** Prepares a fresh half message and gives its handle. */
  Handle prepared(String key) {
    return ((HalfOutcome.Prepared) prepare(half(key))).handle();
  }

  EndOutcome end(Handle handle, Decision decision) {
    return end(handle, GROUP, decision, Decider.producer("sender"));
  }

  EndOutcome end(Handle handle, String group, Decision decision, Decider decider) {
    return await(coordinator.end(new EndRequest(handle, group, Optional.of(decision), decider)));
  }

  EndOutcome answerUnknown(Handle handle, String clientId) {
    return await(
        coordinator.end(
            new EndRequest(handle, GROUP, Optional.empty(), Decider.checkAnswer(clientId))));
  }

  /** Lets time pass and asks what is due. */
  void pass(Duration duration) {
    time.advance(duration);
    runDue();
  }

  void runDue() {
    await(coordinator.runDue(time.nowMs()));
  }

  /** What a delay loop does: releases what its delivery time has come for. */
  List<HoldEntry> releaseDueDelays() {
    List<HoldEntry> due =
        storage().escrow().due(HoldKind.DELAY, Optional.empty(), time.nowMs() + 1, 10_000);
    due.forEach(entry -> await(storage().write(WriteBatch.of(new Mutation.Release(entry.id())))));
    return due;
  }

  List<Message> visible(QueueId queue) {
    try (MessageBatch batch = storage().log().read(queue, 0, ALL)) {
      return batch.messages().stream().map(Message::copy).toList();
    }
  }

  List<String> visibleKeys(QueueId queue) {
    return visible(queue).stream().map(message -> message.uniqueKey().orElseThrow()).toList();
  }

  /** The bodies of the audit records with the tag, oldest first. */
  List<String> audits(String tag) {
    List<String> bodies = new ArrayList<>();
    for (Message message : visible(AuditTrail.QUEUE)) {
      if (message.tags().orElseThrow().equals(tag)) {
        bodies.add(SampleMessages.textOf(message));
      }
    }
    return bodies;
  }

  HoldEntry hold(Handle handle) {
    return storage()
        .escrow()
        .get(handle.holdId())
        .map(HeldMessage::entry)
        .orElseThrow(() -> new AssertionError(handle + " is not held"));
  }

  HoldAttributes attributes(Handle handle) {
    return HoldAttributes.decode(hold(handle).attributes()).orElseThrow();
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer from the coordinator", e);
    }
  }

  private TransactionCoordinator newCoordinator() {
    CheckChannel channel = spoiledChannel.apply(producers);
    TransactionCoordinator opened =
        TransactionCoordinator.open(gate, time, this::bytes, policy, channel, events::add);
    if (channel instanceof ExternalChecks checks) {
      checks.decideWith(opened::end);
    }
    return opened;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new java.util.SplittableRandom(randomBytes.incrementAndGet()).nextBytes(bytes);
    return bytes;
  }
}
