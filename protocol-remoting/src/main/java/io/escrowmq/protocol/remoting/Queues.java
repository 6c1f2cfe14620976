package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.QueueId;

/** Queue names from the wire, checked. */
final class Queues {
  private Queues() {}

  static QueueId of(String topic, int queue) {
    if (queue < 0 || topic.isEmpty() || topic.length() > QueueId.MAX_TOPIC_LENGTH) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "there can be no queue "
              + queue
              + " of a topic named with "
              + topic.length()
              + " characters",
          "Use a queue number from the topic's route and a name of 1 to "
              + QueueId.MAX_TOPIC_LENGTH
              + " characters");
    }
    return new QueueId(topic, queue);
  }
}
