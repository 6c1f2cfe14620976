package io.escrowmq.protocol.remoting.request;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything an official producer or consumer asks a server (the "client core" of the Apache
 * RocketMQ 4.x and 5.x remoting protocol). Byte buffers in a request are views of the frame it came
 * in and are valid only while the frame is.
 */
public sealed interface RemotingRequest {

  /**
   * Request 105: where a topic's queues are.
   *
   * @param topic topic name
   * @param quotedKeys whether the answer must be standard JSON: the client is 4.9.4 or newer, or
   *     asked for it
   */
  record Route(String topic, boolean quotedKeys) implements RemotingRequest {}

  /** Request 34: the client is alive and this is what it does. */
  record HeartBeat(Heartbeat heartbeat) implements RemotingRequest {}

  /** Request 35: the client leaves these groups. */
  record Unregister(String clientId, @Nullable String producerGroup, @Nullable String consumerGroup)
      implements RemotingRequest {}

  /** Request 46: would the server accept this subscription? */
  record CheckSubscription(String clientId, String group, Subscription subscription)
      implements RemotingRequest {}

  /**
   * Requests 10, 310, 320, 324, 325: a message, several messages in the inner batch encoding, or
   * the answer to a request-reply message.
   *
   * @param queue wanted queue, negative to let the server choose
   * @param bornTimeMs producer's clock, milliseconds since the epoch
   * @param maxReconsumeTimes the consumer's own limit when it sends to a retry topic, -1 if not
   *     given
   */
  record Send(
      Kind kind,
      String producerGroup,
      String topic,
      String defaultTopic,
      int defaultTopicQueues,
      int queue,
      int systemFlag,
      long bornTimeMs,
      int flag,
      String properties,
      int reconsumeTimes,
      int maxReconsumeTimes,
      ByteBuffer body)
      implements RemotingRequest {

    /** What the body is. */
    public enum Kind {
      /** One message. */
      SINGLE,
      /** Several messages, see {@link BatchBody}. */
      BATCH,
      /** The answer of a request-reply exchange. */
      REPLY
    }
  }

  /** Request 370: do not deliver this delayed message. */
  record Recall(@Nullable String producerGroup, String topic, String handle)
      implements RemotingRequest {}

  /**
   * Request 37: the producer's decision about a half message.
   *
   * @param handleHigh {@code tranStateTableOffset}, the queue offset of the send's answer
   * @param handleLow {@code commitLogOffset}, the number inside the message id of the send's answer
   * @param fromCheck whether this answers a check-back
   * @param uniqueKey the client's own id of the message ({@code msgId})
   */
  record EndTransaction(
      @Nullable String topic,
      String producerGroup,
      long handleHigh,
      long handleLow,
      Decision decision,
      boolean fromCheck,
      String uniqueKey,
      @Nullable String transactionId)
      implements RemotingRequest {

    /** What the local transaction said. */
    public enum Decision {
      /** Not decided yet: ask again later. */
      UNKNOWN,
      /** Make the message visible. */
      COMMIT,
      /** Drop the message. */
      ROLLBACK
    }
  }

  /**
   * Requests 11 and 361: messages of one queue, waiting for one if asked to.
   *
   * @param systemFlag bits: 1 commit offset valid, 2 may wait, 4 subscription given, 8 class
   *     filter, 16 lite pull
   * @param suspendTimeoutMs how long the client would wait, milliseconds
   * @param maxBytes largest answer wanted, -1 if not given
   */
  record Pull(
      String group,
      String topic,
      int queue,
      long offset,
      int maxMessages,
      int systemFlag,
      long commitOffset,
      long suspendTimeoutMs,
      @Nullable String subscription,
      long subscriptionVersion,
      @Nullable String expressionType,
      int maxBytes)
      implements RemotingRequest {

    /** Whether the consumer's progress rides on this pull. */
    public boolean commitsOffset() {
      return (systemFlag & 1) != 0;
    }

    /** Whether the server may hold the request until a message arrives. */
    public boolean mayWait() {
      return (systemFlag & 2) != 0;
    }

    /** Whether the subscription is in the request; else the heartbeat's counts. */
    public boolean carriesSubscription() {
      return (systemFlag & 4) != 0;
    }

    /** Whether the client wants to filter by a class of its own. */
    public boolean filtersByClass() {
      return (systemFlag & 8) != 0;
    }
  }

  /**
   * Request 36: the consumer could not process a message.
   *
   * @param position the message's address in the store
   * @param delayLevel 0 = by attempt, negative = straight to the dead-letter topic
   * @param maxReconsumeTimes the consumer's limit, -1 if not given
   */
  record SendBack(
      long position,
      String group,
      int delayLevel,
      @Nullable String originMessageId,
      @Nullable String originTopic,
      int maxReconsumeTimes)
      implements RemotingRequest {}

  /** Request 38: who is in this consumer group. */
  record ConsumerList(String group) implements RemotingRequest {}

  /** Request 14: how far the group is. */
  record QueryOffset(String group, String topic, int queue, boolean zeroIfNotFound)
      implements RemotingRequest {}

  /** Request 15: the group is this far. */
  record UpdateOffset(String group, String topic, int queue, long offset)
      implements RemotingRequest {}

  /** Request 41: this client wants these queues for itself. */
  record LockQueues(QueueLocks locks) implements RemotingRequest {}

  /** Request 42: this client gives these queues back. */
  record UnlockQueues(QueueLocks locks) implements RemotingRequest {}

  /** Request 29: the offset of the first (or, at the upper boundary, last) message of a time. */
  record OffsetByTime(String topic, int queue, long timeMs, boolean upper)
      implements RemotingRequest {}

  /** Request 30: the offset the next message will get. */
  record MaxOffset(String topic, int queue) implements RemotingRequest {}

  /** Request 31: the offset of the oldest message. */
  record MinOffset(String topic, int queue) implements RemotingRequest {}

  /** Request 32: when the oldest message was stored. */
  record EarliestStoreTime(String topic, int queue) implements RemotingRequest {}

  /** Request 33: the message at an address. */
  record ViewMessage(long position) implements RemotingRequest {}

  /**
   * Request 12: messages by key or by the producer's own id.
   *
   * @param uniqueKey whether {@code key} is a message id rather than a word of KEYS
   */
  record QueryMessage(
      String topic, String key, int maxMessages, long fromMs, long toMs, boolean uniqueKey)
      implements RemotingRequest {}

  /**
   * Request 17: create or change a topic.
   *
   * @param permission bits 2 write, 4 read
   * @param attributes changes as {@code +name} to value or {@code -name} to an empty text
   */
  record CreateTopic(
      String topic,
      int readQueues,
      int writeQueues,
      int permission,
      boolean ordered,
      Map<String, String> attributes)
      implements RemotingRequest {}

  /** Whatever a consumer that pops asks. */
  record Popping(PopCommand command) implements RemotingRequest {}

  /** Whatever is asked about transactions of several messages. */
  record Joint(JointCommand command) implements RemotingRequest {}

  /** Whatever a tool asks. */
  record Administer(AdminRequest request) implements RemotingRequest {}

  /** The queues of one topic and broker, as clients name them. */
  record QueueRef(String topic, String brokerName, int queue) {}

  /** The body of requests 41 and 42. */
  record QueueLocks(String group, String clientId, List<QueueRef> queues) {}

  /**
   * One topic a consumer group listens to, and its filter.
   *
   * @param byClass whether the client wants to filter by a class of its own
   */
  record Subscription(
      String topic,
      String expression,
      String expressionType,
      long version,
      List<String> tags,
      boolean byClass) {}
}
