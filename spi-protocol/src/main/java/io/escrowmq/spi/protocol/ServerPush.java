package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import java.util.Map;

/** What the server asks or tells a client by itself. */
public sealed interface ServerPush {

  /**
   * What became of this transaction? (RocketMQ remoting request 39.)
   *
   * @param handle what the client was given when it sent the half message
   * @param message the half message with its real topic, queue and properties
   */
  record CheckTransaction(
      String producerGroup, TransactionHandle handle, String transactionId, Message message)
      implements ServerPush {}

  /** Members of the group came or went: rebalance. (Request 40.) */
  record MembersChanged(String consumerGroup) implements ServerPush {}

  /**
   * An operator moved the group in these queues of a topic: forget where you were. (Request 220.)
   *
   * @param elsewhere the same for queues under other broker names, by name
   */
  record OffsetsReset(
      String topic,
      String consumerGroup,
      Map<QueueId, Long> offsets,
      Map<String, Map<QueueId, Long>> elsewhere)
      implements ServerPush {
    public OffsetsReset {
      offsets = Map.copyOf(offsets);
      elsewhere = Map.copyOf(elsewhere);
    }
  }

  /** The answer to a request-reply call of this client. (Request 326.) */
  record Reply(String producerGroup, Message message) implements ServerPush {}
}
