package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.IntakeRow;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a row that an application left in its database: the same that becomes of a
 * message that a client sends.
 */
final class IntakeMessages {

  private static final String PRODUCER_GROUP = "escrowmq-intake";

  /** What a producer orders by (source: Apache RocketMQ 5.x). */
  private static final String SHARDING_KEY = "__SHARDINGKEY";

  private final Topics topics;
  private final Encoder encoder;
  private final TimeSource time;
  private final SendChecks checks;
  private final StoredProperties properties;
  private final DeliveryTimes deliveryTimes;
  private final int queuesOfNewTopics;

  IntakeMessages(
      BrokerSettings settings, Topics topics, Encoder encoder, Ids ids, TimeSource time) {
    this.topics = topics;
    this.encoder = encoder;
    this.time = time;
    this.checks = new SendChecks(settings, ids);
    this.properties = new StoredProperties(settings.cluster(), settings.region());
    this.deliveryTimes =
        new DeliveryTimes(
            new DelayLevels(settings.topics().delayLevels()), settings.limits().maxDelay());
    this.queuesOfNewTopics = settings.topics().queues();
  }

  /**
   * A row on its way.
   *
   * @param hold under which it waits for its time; null if it is visible at once
   */
  record Planned(
      IntakeRow row, Mutation mutation, Message message, @Nullable HoldId hold, long deliverAtMs) {

    String topic() {
      return message.queueId().topic();
    }
  }

  /**
   * Decides where a row goes; creates its topic if the rules allow it, which blocks.
   *
   * @param source number of the table it comes from
   * @throws BrokerException if it cannot be sent: never if the kind of the code is {@link
   *     ErrorCode.Kind#USER}, not now otherwise
   */
  Planned plan(IntakeRow row, long source) {
    return Failures.translate(() -> {
      if (!row.defect().isEmpty()) {
        throw illegal(row.defect(), "Correct the row.");
      }
      String key = uniqueKey(source, row.id());
      String text = text(row, key);
      PropertyScan scan = new PropertyScan(text);
      if (scan.wantsTransaction()) {
        throw illegal(
            "a message that was enqueued in a transaction cannot be a half message",
            "Leave the property " + MessageProperties.TRANSACTION + " out.");
      }
      TopicConfig topic = topic(row.topic());
      SendRequest request = request(row, topic, text);
      QueueId queue = checks.queueFor(request, topic);
      checks.checkSize(request);
      checks.checkKind(topic, scan);
      long deliverAtMs =
          scan.wantsDelay() ? deliveryTimes.of(scan, time.nowMs()) : DeliveryTimes.NOW;
      Message message = encoder.plain(request, queue, properties.of(text, scan, key));
      if (deliverAtMs == DeliveryTimes.NOW) {
        return new Planned(row, new Mutation.Append(queue, message), message, null, deliverAtMs);
      }
      HoldId id = Ids.ofDelayed(queue.topic(), key, deliverAtMs, 0);
      Mutation hold =
          new Mutation.Hold(id, queue, message, HoldKind.DELAY, deliverAtMs, Bytes.EMPTY);
      return new Planned(row, hold, message, id, deliverAtMs);
    });
  }

  /** The unique key of a row, as the database tells it to the application. */
  static String uniqueKey(long source, long id) {
    HexFormat hex = HexFormat.of();
    return (hex.toHexDigits(source) + hex.toHexDigits(id)).toUpperCase(Locale.ROOT);
  }

  private TopicConfig topic(String name) {
    if (TopicNames.isRetry(name) || TopicNames.isDeadLetter(name)) {
      throw illegal("the topic " + name + " belongs to a group", "Name a topic of your own.");
    }
    TopicConfig found = topics.find(name);
    return found == null
        ? Failures.await(topics.createForSend(name, "", queuesOfNewTopics))
        : found;
  }

  private static String text(IntakeRow row, String key) {
    Map<String, String> all = new LinkedHashMap<>(row.properties());
    if (!row.orderingKey().isEmpty()) {
      all.put(SHARDING_KEY, row.orderingKey());
    }
    if (row.deliverAtMs() > 0) {
      all.put(MessageProperties.DELIVER_AT_MS, Long.toString(row.deliverAtMs()));
    }
    all.put(MessageProperties.UNIQUE_KEY, key);
    all.forEach((name, value) -> {
      if (name.isEmpty() || ends(name) || ends(value)) {
        throw illegal(
            "a property has no name, or a character that ends properties (U+0001 or U+0002)",
            "Correct the row.");
      }
    });
    return MessageProperties.format(all);
  }

  private static boolean ends(String text) {
    return text.indexOf(MessageProperties.NAME_END) >= 0
        || text.indexOf(MessageProperties.VALUE_END) >= 0;
  }

  private SendRequest request(IntakeRow row, TopicConfig topic, String text) {
    int queue =
        row.orderingKey().isEmpty()
            ? -1
            : Math.abs(row.orderingKey().hashCode() % topic.writeQueues());
    return new SendRequest(
        PRODUCER_GROUP,
        "",
        row.topic(),
        "",
        queuesOfNewTopics,
        queue,
        0,
        0,
        row.enqueuedAtMs(),
        encoder.storeHost(),
        text,
        row.body(),
        0,
        OptionalInt.empty());
  }

  private static BrokerException illegal(String what, String remedy) {
    return new BrokerException(ErrorCode.MESSAGE_ILLEGAL, what, remedy);
  }
}
