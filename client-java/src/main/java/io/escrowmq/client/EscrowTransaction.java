package io.escrowmq.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageClientIDSetter;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.jspecify.annotations.Nullable;

/**
 * Messages that become visible together or not at all. All of them are held by one broker: that of
 * the first one. Used by one thread at a time.
 *
 * <p>The order that keeps the promise: {@link #send} everything, commit the local transaction, then
 * {@link #commit()}. If the process dies in between, the server asks the {@link CheckListener} of
 * any member of the group.
 */
public final class EscrowTransaction {

  private static final int TEMPLATE_QUEUES = 4;

  private final Requests requests;
  private final String producerGroup;
  private final String key;
  private @Nullable Place place;
  private int sent;
  private @Nullable String failed;
  private @Nullable LocalOutcome decided;

  /** Where the transaction lives. */
  private record Place(String broker, String topic, String transactionId) {}

  EscrowTransaction(Requests requests, String producerGroup, String key) {
    this.requests = requests;
    this.producerGroup = producerGroup;
    this.key = key;
  }

  /** As given when it was opened. */
  public String key() {
    return key;
  }

  /** The server's name for it; empty before the first message. */
  public Optional<String> transactionId() {
    return Optional.ofNullable(place).map(Place::transactionId);
  }

  /**
   * Adds a message: held durably and invisible until the decision. Its delivery time, keys and tags
   * count as in a plain send; with an ordering key ({@code __SHARDINGKEY}, see {@link
   * #send(Message, String)}) it goes to that key's queue. Messages of one queue appear in the order
   * of these calls.
   *
   * @throws EscrowException if it is not known to be held; then the transaction can only be rolled
   *     back
   */
  public void send(Message message) throws EscrowException {
    requireUndecided();
    int sequence = sent++;
    try {
      add(message, sequence);
    } catch (EscrowException e) {
      failed = "message " + sequence + " was not added: " + e.getMessage();
      throw e;
    }
  }

  /** The same, to the queue that belongs to the ordering key. */
  public void send(Message message, String orderingKey) throws EscrowException {
    MessageAccessor.putProperty(message, MessageConst.PROPERTY_SHARDING_KEY, orderingKey);
    send(message);
  }

  /**
   * Makes everything visible at once. May be repeated after {@link
   * EscrowException.Kind#OUTCOME_UNKNOWN}.
   *
   * @throws EscrowException {@code CONFLICT} if somebody rolled it back before; {@code
   *     OUTCOME_UNKNOWN} if the server does not answer: it will ask
   * @throws IllegalStateException if a message was not added, or it was rolled back here
   */
  public void commit() throws EscrowException {
    if (failed != null) {
      throw new IllegalStateException("only a rollback is possible: " + failed);
    }
    decide(LocalOutcome.COMMIT);
  }

  /** Drops everything. May be repeated; what is said of {@link #commit()} holds here too. */
  public void rollback() throws EscrowException {
    decide(LocalOutcome.ROLLBACK);
  }

  private void decide(LocalOutcome outcome) throws EscrowException {
    if (decided != null && decided != outcome) {
      throw new IllegalStateException("transaction " + key + " was decided as " + decided);
    }
    decided = outcome;
    if (place == null) {
      return;
    }
    Map<String, String> fields = new HashMap<>();
    fields.put("producerGroup", producerGroup);
    fields.put("transactionId", place.transactionId());
    fields.put("decision", outcome.name());
    if (outcome == LocalOutcome.COMMIT) {
      fields.put("messages", sent == 0 ? "none" : "0-" + (sent - 1));
    }
    requests.call(place.broker(), place.topic(), Codes.DECIDE_TRANSACTION, fields, null);
  }

  private void add(Message message, int sequence) throws EscrowException {
    MessageClientIDSetter.setUniqID(message);
    String topic = message.getTopic();
    List<MessageQueue> queues = requests.queues(topic);
    Place here = place == null ? openFor(message, queues) : place;
    Map<String, String> fields = new HashMap<>();
    fields.put("producerGroup", producerGroup);
    fields.put("transactionId", here.transactionId());
    fields.put("sequence", Integer.toString(sequence));
    fields.put("topic", topic);
    fields.put("defaultTopic", TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC);
    fields.put("defaultTopicQueueNums", Integer.toString(TEMPLATE_QUEUES));
    fields.put("queueId", Integer.toString(queue(message, queues, here.broker())));
    fields.put("sysFlag", "0");
    fields.put("bornTimestamp", Long.toString(java.time.Instant.now().toEpochMilli()));
    fields.put("flag", Integer.toString(message.getFlag()));
    fields.put("properties", MessageDecoder.messageProperties2String(message.getProperties()));
    byte[] body = message.getBody();
    requests.call(
        here.broker(),
        here.topic(),
        Codes.ADD_TO_TRANSACTION,
        fields,
        body == null ? new byte[0] : body);
  }

  private Place openFor(Message first, List<MessageQueue> queues) throws EscrowException {
    List<MessageQueue> candidates = queues;
    String routed = first.getTopic();
    if (candidates.isEmpty()) {
      // The server may create the topic when the message comes: any broker that creates topics.
      routed = TopicValidator.AUTO_CREATE_TOPIC_KEY_TOPIC;
      candidates = requests.queues(routed);
    }
    if (candidates.isEmpty()) {
      throw new EscrowException(
          EscrowException.Kind.OTHER_BROKER,
          "topic "
              + first.getTopic()
              + " has no queue to send to: create it, and check the name server's address");
    }
    String orderingKey = first.getProperty(MessageConst.PROPERTY_SHARDING_KEY);
    String broker;
    if (orderingKey != null) {
      broker = keyed(candidates, orderingKey).getBrokerName();
    } else {
      List<String> brokers =
          candidates.stream().map(MessageQueue::getBrokerName).distinct().sorted().toList();
      // The same key, opened again after a crash, comes to the same broker and finds itself.
      broker = brokers.get(Math.floorMod(key.hashCode(), brokers.size()));
    }
    RemotingCommand answer =
        requests.call(
            broker,
            routed,
            Codes.OPEN_TRANSACTION,
            Map.of("producerGroup", producerGroup, "transactionKey", key),
            null);
    String id = answer.getExtFields().get("transactionId");
    Place opened =
        new Place(broker, routed, Objects.requireNonNull(id, "the answer has no transaction id"));
    place = opened;
    return opened;
  }

  /** The queue's number, or -1 for the server's choice. */
  private static int queue(Message message, List<MessageQueue> queues, String broker)
      throws EscrowException {
    if (queues.isEmpty()) {
      return -1;
    }
    String orderingKey = message.getProperty(MessageConst.PROPERTY_SHARDING_KEY);
    if (orderingKey != null) {
      MessageQueue queue = keyed(queues, orderingKey);
      if (!queue.getBrokerName().equals(broker)) {
        throw new EscrowException(
            EscrowException.Kind.OTHER_BROKER,
            "the ordering key "
                + orderingKey
                + " of topic "
                + message.getTopic()
                + " belongs to broker "
                + queue.getBrokerName()
                + ", the transaction lives on "
                + broker
                + ": begin with this message, or use a transaction per broker");
      }
      return queue.getQueueId();
    }
    if (queues.stream().noneMatch(queue -> queue.getBrokerName().equals(broker))) {
      throw new EscrowException(
          EscrowException.Kind.OTHER_BROKER,
          "topic "
              + message.getTopic()
              + " has no queue on broker "
              + broker
              + ", where the transaction lives: give it queues there, or use a transaction per"
              + " broker");
    }
    return -1;
  }

  /** As official producers choose with {@code SelectMessageQueueByHash}. */
  private static MessageQueue keyed(List<MessageQueue> queues, String orderingKey) {
    return queues.get(Math.abs(orderingKey.hashCode() % queues.size()));
  }

  private void requireUndecided() {
    if (decided != null) {
      throw new IllegalStateException("transaction " + key + " was decided as " + decided);
    }
    if (failed != null) {
      throw new IllegalStateException("only a rollback is possible: " + failed);
    }
  }
}
