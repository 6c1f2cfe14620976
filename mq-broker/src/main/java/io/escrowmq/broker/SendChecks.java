package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.QueueId;

/** What a message must satisfy once its topic is known. */
final class SendChecks {

  private final int maxMessageBytes;
  private final boolean checksMessageType;
  private final Ids ids;

  SendChecks(BrokerSettings settings, Ids ids) {
    this.maxMessageBytes = settings.limits().maxMessageBytes();
    this.checksMessageType = settings.topics().checkMessageType();
    this.ids = ids;
  }

  /** Refuses a message of another kind than the topic takes, where that is wanted. */
  void checkKind(TopicConfig topic, PropertyScan scan) {
    if (checksMessageType) {
      TopicAttributes.checkKind(topic, scan);
    }
  }

  /** The same for a message of a transaction of several: a topic for transactions takes it. */
  void checkJointKind(TopicConfig topic, PropertyScan scan) {
    if (checksMessageType && !TopicAttributes.takesTransactions(topic)) {
      TopicAttributes.checkKind(topic, scan);
    }
  }

  /** The queue that the message goes to. */
  QueueId queueFor(SendRequest request, TopicConfig topic) {
    if (!topic.writable()) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "topic " + topic.name() + " does not accept messages",
          "Give it the write permission, or send elsewhere.");
    }
    int queue = request.queue();
    if (queue < 0) {
      return new QueueId(topic.name(), ids.turn(topic.writeQueues()));
    }
    int queues = Math.max(topic.readQueues(), topic.writeQueues());
    if (queue >= queues) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "topic " + topic.name() + " has no queue " + queue + ", only 0 to " + (queues - 1),
          "Fetch the route of the topic again.");
    }
    return new QueueId(topic.name(), queue);
  }

  /** Refuses what is larger than the limits, before anything is allocated for it. */
  void checkSize(SendRequest request) {
    checkSize(request.systemFlag(), request.body().remaining(), request.propertiesText());
  }

  /** The same for one message of a batch. */
  void checkSize(int systemFlag, int bodyBytes, String propertiesText) {
    // The limit is for what the application sends. Compression makes random bytes a little longer:
    // by 1/255 and some bytes at worst (LZ4; zlib and Zstandard need less).
    boolean compressed = (systemFlag & MessageFormat.FLAG_COMPRESSED) != 0;
    int overhead = compressed ? maxMessageBytes / 255 + 64 : 0;
    if (bodyBytes > maxMessageBytes + overhead) {
      throw new BrokerException(
          ErrorCode.MESSAGE_ILLEGAL,
          "the body has " + bodyBytes + " bytes, the limit is " + maxMessageBytes,
          "Split it, or keep the payload elsewhere and send a reference.");
    }
    if (propertiesText.length() > MessageFormat.MAX_PROPERTIES_BYTES) {
      throw new BrokerException(
          ErrorCode.MESSAGE_ILLEGAL,
          "the properties have "
              + propertiesText.length()
              + " characters, the limit is "
              + MessageFormat.MAX_PROPERTIES_BYTES
              + " bytes",
          "Move the data into the body.");
    }
  }
}
