package io.escrowmq.broker.pop;

import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import java.util.Optional;
import java.util.OptionalLong;

/** What POP needs from the rest of the broker. Thread-safe; may block. */
public interface PopHost {

  /**
   * The number of queues that the group may read.
   *
   * @throws BrokerException if the broker does not serve, the topic does not exist or is not
   *     readable, or the group may not consume
   */
  int readQueues(String group, String topic);

  /**
   * The number of queues that a group may have messages of: 0 if there is no such group or topic.
   * What a group has it may give back, whatever it may read now.
   *
   * @throws BrokerException if the broker does not serve
   */
  int queuesToAnswerFor(String group, String topic);

  /** The number of read queues of a topic; 0 if there is no such topic. */
  int queuesOf(String topic);

  /** The filter of a subscription; everything without one. */
  MessageFilter filter(String topic, Optional<Subscription> subscription);

  /** Attempts after the first before a message of the group goes to the dead letters. */
  int maxRetries(String group);

  /** The append that makes a message a dead letter of the group; its topic exists then. */
  Mutation.Append deadLetter(String group, Message message);

  /** The group's offset, with nothing of it in memory only. */
  OptionalLong offset(String group, QueueId queue);

  /** Writes the group's offset. */
  Mutation offsetRow(String group, QueueId queue, long offset);

  /**
   * Lets the group pop, as far as its limit of messages per second goes.
   *
   * @throws BrokerException if it had more than that just now
   */
  void admit(String group);

  /** Messages of so many bytes were handed out: they count as those that are pulled do. */
  void handedOut(String group, String topic, int messages, long bytes);

  /**
   * How long a message waits whose consumer gives it back without saying for how long,
   * milliseconds; 0 for not at all.
   *
   * @param attempts attempts so far beyond the first, 0 or more
   */
  long retryDelayMs(String group, int attempts);

  /** The refusal that tells a client about this failure. */
  BrokerException refusal(Throwable failure);
}
