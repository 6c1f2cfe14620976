package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TopicServices;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.tx.AuditTrail;
import io.escrowmq.tx.JointTransactions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topics: rows of a table, all of them also in memory, so that a send needs one look into a map. A
 * topic is in memory only once its row is durable.
 */
final class Topics implements TopicServices {

  private static final Logger LOG = LoggerFactory.getLogger(Topics.class);
  private static final int INTERNAL_QUEUES = RouteNames.INTERNAL_QUEUES;

  /** Written by the transaction coordinator only; has no row. */
  private static final TopicConfig AUDIT =
      new TopicConfig(AuditTrail.QUEUE.topic(), 1, 1, TopicConfig.READ, 0, false, Map.of());

  private final Storage storage;
  private final BrokerSettings settings;
  private final Predicate<String> knownGroup;
  private final RouteNames names;
  private final Map<String, TopicConfig> topics = new ConcurrentHashMap<>();
  private final Map<String, TopicCreation> creations = new ConcurrentHashMap<>();

  /**
   * Loads every topic; blocks.
   *
   * @param knownGroup whether a consumer group exists, which makes its retry topic exist
   */
  Topics(Storage storage, BrokerSettings settings, Predicate<String> knownGroup) {
    this.storage = storage;
    this.settings = settings;
    this.knownGroup = knownGroup;
    this.names = new RouteNames(settings, knownGroup);
    for (TableRow row : TableScan.all(storage.tables(), TopicCodec.TABLE)) {
      TopicConfig topic = TopicCodec.decode(row);
      topics.put(topic.name(), topic);
    }
    topics.put(AUDIT.name(), AUDIT);
  }

  /** The configured topic, without names that exist only as routes. */
  @Nullable TopicConfig find(String topic) {
    return topics.get(topic);
  }

  /** The configured topic, or a refusal. */
  TopicConfig require(String topic) {
    TopicConfig found = topics.get(topic);
    if (found == null) {
      throw new BrokerException(
          ErrorCode.TOPIC_NOT_FOUND,
          "topic " + topic + " does not exist",
          "Create it, or send a message to it where auto-creation is on.");
    }
    return found;
  }

  int count() {
    return topics.size();
  }

  @Override
  public Optional<TopicConfig> route(String topic) {
    TopicConfig found = topics.get(topic);
    return found != null ? Optional.of(found) : names.route(topic);
  }

  @Override
  public void createOrUpdate(TopicConfig topic) {
    TopicNames.checkTopic(topic.name());
    if (isSystemName(topic.name())) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the name " + topic.name() + " belongs to the system",
          "Choose another name.");
    }
    checkQueues(topic.name(), "read", topic.readQueues());
    checkQueues(topic.name(), "write", topic.writeQueues());
    if ((topic.permission() & ~RouteNames.TEMPLATE_PERMISSION) != 0) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "permission " + topic.permission() + " has unknown bits",
          "Use the sum of 2 (write), 4 (read) and 1 (inherit).");
    }
    TopicAttributes.check(topic);
    Failures.await(storage.write(WriteBatch.of(putOf(topic))));
    topics.put(topic.name(), topic);
    LOG.info("topic {} created or changed: {}", topic.name(), topic);
  }

  @Override
  public List<TopicConfig> list() {
    return topics.values().stream().sorted(Comparator.comparing(TopicConfig::name)).toList();
  }

  @Override
  public void delete(String topic) {
    if (topic.equals(AUDIT.name())) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the topic " + topic + " belongs to the system",
          "It cannot be deleted; the retention shortens it.");
    }
    TopicConfig known = topics.remove(topic);
    if (known == null) {
      return;
    }
    WriteBatch.Builder batch = WriteBatch.builder();
    batch.add(new Mutation.Delete(TopicCodec.TABLE, TopicCodec.key(topic)));
    for (int queue = 0; queue < Math.max(known.readQueues(), known.writeQueues()); queue++) {
      QueueId id = new QueueId(topic, queue);
      batch.add(new Mutation.Trim(id, storage.log().bounds(id).max()));
    }
    try {
      Failures.await(storage.write(batch.build()));
    } catch (RuntimeException e) {
      topics.putIfAbsent(topic, known);
      throw e;
    }
    LOG.info("topic {} deleted", topic);
  }

  /**
   * Creates the topic that a send names, if the rules allow it. Does not block.
   *
   * @param template the topic that the producer wants the new one to be like; empty for the default
   * @param wantedQueues as many as the producer wants
   */
  CompletionStage<TopicConfig> createForSend(String topic, String template, int wantedQueues) {
    if (TopicNames.isRetry(topic) || TopicNames.isDeadLetter(topic)) {
      return ensureGroupTopic(topic);
    }
    TopicNames.checkTopic(topic);
    // Tools measure a broker by sending to its name.
    if (topic.equals(TopicNames.TRACE) || topic.equals(settings.name())) {
      return create(TopicConfig.of(topic, INTERNAL_QUEUES));
    }
    TopicConfig like = templateFor(topic, template);
    int queues = Math.max(1, Math.min(wantedQueues, like.writeQueues()));
    int permission = like.permission() & ~TopicConfig.INHERIT;
    return create(new TopicConfig(topic, queues, queues, permission, 0, false, Map.of()));
  }

  /** The retry or dead-letter topic of a group, created if missing. Does not block. */
  CompletionStage<TopicConfig> ensureGroupTopic(String topic) {
    TopicConfig found = topics.get(topic);
    if (found != null) {
      return CompletableFuture.completedFuture(found);
    }
    String group = TopicNames.groupOf(topic);
    if (!knownGroup.test(group)) {
      throw new BrokerException(
          ErrorCode.GROUP_NOT_FOUND,
          "consumer group " + group + " does not exist, so " + topic + " does not either",
          "Start a consumer of the group, or create the group.");
    }
    return create(TopicConfig.of(topic, INTERNAL_QUEUES));
  }

  /** Takes over a topic whose row was written with its group. */
  void written(TopicConfig topic) {
    topics.put(topic.name(), topic);
  }

  private CompletionStage<TopicConfig> create(TopicConfig topic) {
    TopicCreation mine = new TopicCreation(topic);
    TopicCreation running = creations.putIfAbsent(topic.name(), mine);
    if (running != null) {
      return running.join();
    }
    TopicConfig found = topics.get(topic.name());
    if (found != null) {
      creations.remove(topic.name(), mine);
      mine.succeeded(() -> {});
      return CompletableFuture.completedFuture(found);
    }
    CompletableFuture<TopicConfig> first = mine.join();
    storage
        .write(WriteBatch.of(putOf(topic)))
        .whenComplete((_, failure) -> {
          if (failure == null) {
            mine.succeeded(() -> publish(topic, mine));
          } else {
            mine.failed(() -> creations.remove(topic.name(), mine), Failures.of(failure));
          }
        });
    return first;
  }

  private void publish(TopicConfig topic, TopicCreation creation) {
    topics.put(topic.name(), topic);
    creations.remove(topic.name(), creation);
    LOG.info("topic {} created with {} queues", topic.name(), topic.writeQueues());
  }

  private TopicConfig templateFor(String topic, String template) {
    if (isSystemName(topic)) {
      throw new BrokerException(
          ErrorCode.MESSAGE_ILLEGAL,
          "the topic " + topic + " belongs to the system; nobody may send to it",
          "Send to a topic of your own.");
    }
    Optional<TopicConfig> like =
        template.isEmpty() || template.equals(TopicNames.TEMPLATE)
            ? names.route(TopicNames.TEMPLATE)
            : Optional.ofNullable(topics.get(template))
                .filter(found -> (found.permission() & TopicConfig.INHERIT) != 0);
    return like.orElseThrow(() ->
        new BrokerException(
            ErrorCode.TOPIC_NOT_FOUND,
            "topic " + topic + " does not exist and auto-creation is off",
            "Create the topic, or switch on auto-creation."));
  }

  private boolean isSystemName(String topic) {
    return TopicNames.isReserved(topic)
        || topic.equals(AUDIT.name())
        || topic.equals(JointTransactions.QUEUE.topic())
        || names.isOwn(topic);
  }

  private void checkQueues(String topic, String what, int queues) {
    int limit = settings.limits().maxQueuesPerTopic();
    if (queues < 1 || queues > limit) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "topic " + topic + " cannot have " + queues + " " + what + " queues",
          "Use 1 to " + limit + ".");
    }
  }

  /** A topic's row. */
  static Mutation.Put putOf(TopicConfig topic) {
    return new Mutation.Put(
        TopicCodec.TABLE, TopicCodec.key(topic.name()), TopicCodec.value(topic));
  }
}
