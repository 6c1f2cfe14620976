package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A broker whose time stands still, over a store that does everything at once. */
final class BrokerFixture implements AutoCloseable {

  static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 10_911);
  private static final StorageSettings SETTINGS = StorageSettings.defaults(Path.of("unused"));

  final ManualTimeSource time = new ManualTimeSource();
  final ManualScheduler scheduler = new ManualScheduler(time);
  final SwitchableStorage storage;
  private final InMemoryStorage real;
  private final BrokerSettings settings;
  private final TimeSource clock;
  Broker broker;

  BrokerFixture(BrokerSettings settings) {
    this(settings, Set.of(Capability.PUSH_NOTIFICATIONS));
  }

  BrokerFixture(BrokerSettings settings, Set<Capability> capabilities) {
    this(settings, capabilities, time -> time);
  }

  /** A broker that sees the time through another clock. */
  BrokerFixture(
      BrokerSettings settings, Set<Capability> capabilities, UnaryOperator<TimeSource> clock) {
    this.settings = settings;
    this.clock = clock.apply(time);
    this.real = InMemoryStorage.openInline(SETTINGS, new StorageContext(time, Disk.real()));
    this.storage = new SwitchableStorage(real, capabilities);
    start();
  }

  static BrokerFixture start(BrokerSettings settings) {
    return new BrokerFixture(settings);
  }

  static BrokerFixture withDefaults() {
    return new BrokerFixture(BrokerSettings.DEFAULT);
  }

  /** Stops the broker and starts another one over the same store. */
  void restart() {
    broker.close();
    start();
  }

  private void start() {
    broker =
        Broker.start(settings, storage, new Background(clock, scheduler, Runnable::run), () -> {});
    broker.advertise(ADDRESS);
  }

  @Override
  public void close() {
    broker.close();
    storage.close();
  }

  void pass(Duration duration) {
    scheduler.advance(duration);
  }

  TopicConfig topic(String name, int queues) {
    TopicConfig topic = TopicConfig.of(name, queues);
    broker.topics().createOrUpdate(topic);
    return topic;
  }

  SendReceipt send(Requests request) {
    return send(request.build());
  }

  SendReceipt send(SendRequest request) {
    return get(broker.sending().send(request));
  }

  SendReceipt send(String topic, String body) {
    return send(Requests.to(topic).body(body));
  }

  /** Everything visible in the queue, as owned copies. */
  List<Message> messages(String topic, int queue) {
    return messages(new QueueId(topic, queue));
  }

  List<Message> messages(QueueId queue) {
    long from = storage.log().bounds(queue).min();
    try (MessageBatch batch =
        storage.log().read(queue, from, new ReadLimits(100_000, Integer.MAX_VALUE))) {
      return batch.messages().stream().map(Message::copy).toList();
    }
  }

  List<String> bodies(String topic, int queue) {
    return messages(topic, queue).stream().map(SampleMessages::textOf).toList();
  }

  /** The value of a stage that is complete, or its failure. */
  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof BrokerException refused) {
        throw refused;
      }
      throw e;
    }
  }

  /** The code with which the action is refused. */
  static ErrorCode codeOf(Runnable action) {
    try {
      action.run();
    } catch (BrokerException e) {
      return e.code();
    }
    throw new AssertionError("it was not refused");
  }

  /** A heartbeat of a clustering push consumer of one topic. */
  static Heartbeat consumer(String clientId, String group, String topic, String expression) {
    return consumer(clientId, group, Heartbeat.ConsumeFrom.LAST_OFFSET, topic, expression);
  }

  static Heartbeat consumer(
      String clientId, String group, Heartbeat.ConsumeFrom from, String topic, String expression) {
    Subscription subscription = new Subscription(topic, Subscription.TAG, expression, 1);
    return new Heartbeat(
        clientId,
        Set.of(),
        List.of(
            new Heartbeat.Consumer(
                group,
                Heartbeat.ConsumeType.PASSIVELY,
                Heartbeat.MessageModel.CLUSTERING,
                from,
                Set.of(subscription))));
  }

  static Heartbeat producer(String clientId, String group) {
    return new Heartbeat(clientId, Set.of(group), List.of());
  }

  /** A pull that names everything it wants itself. */
  static PullRequest pull(FakeConnection connection, QueueId queue, long offset, long suspendMs) {
    return pull(connection, queue, offset, suspendMs, Subscription.ALL);
  }

  static PullRequest pull(
      FakeConnection connection, QueueId queue, long offset, long suspendMs, String tags) {
    return pull(connection, queue, offset, suspendMs, tags, "readers");
  }

  static PullRequest pull(
      FakeConnection connection,
      QueueId queue,
      long offset,
      long suspendMs,
      String tags,
      String group) {
    return new PullRequest(
        connection,
        "",
        group,
        queue,
        offset,
        32,
        Integer.MAX_VALUE,
        OptionalLong.empty(),
        suspendMs,
        Optional.of(new Subscription(queue.topic(), Subscription.TAG, tags, 0)),
        0);
  }

  CompletionStage<PullAnswer> pull(PullRequest request) {
    return broker.consuming().pull(request);
  }

  static List<String> bodies(PullAnswer answer) {
    try (answer) {
      return answer.messages().stream().map(SampleMessages::textOf).toList();
    }
  }
}
