package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.SendServices;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.tx.JointTransactions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The send path. It stays on the caller's thread, usually an event loop: check, scan the properties
 * once, encode, hand over to the store. What a message's topic and properties ask for decides where
 * it goes: a queue, escrow until a time, the transaction coordinator, or the dead letters.
 */
final class Sending implements SendServices {

  private final Parts parts;
  private final TimeSource time;
  private final BrokerSettings settings;
  private final SendChecks checks;
  private final StoredProperties properties;
  private final DeliveryTimes deliveryTimes;
  private final JointServices joint;

  Sending(
      Parts parts,
      TimeSource time,
      BrokerSettings settings,
      DeliveryTimes deliveryTimes,
      JointTransactions joint) {
    this.parts = parts;
    this.time = time;
    this.settings = settings;
    this.checks = new SendChecks(settings, parts.ids());
    this.properties = new StoredProperties(settings.cluster(), settings.region());
    this.deliveryTimes = deliveryTimes;
    this.joint = new JointSending(joint, parts, time, settings, deliveryTimes);
  }

  /** Where messages can go. */
  record Parts(
      Gate gate,
      Topics topics,
      GroupTable groups,
      Inlet inlet,
      Encoder encoder,
      Ids ids,
      DelayedMessages delayed,
      Transactions transactions,
      Redelivery redelivery,
      Replies replies,
      Counters counters) {}

  @Override
  public CompletionStage<SendReceipt> send(SendRequest request) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      TopicConfig topic = parts.topics().find(request.topic());
      if (topic != null) {
        return place(request, topic);
      }
      checks.checkSize(request);
      SendRequest owned = Encoder.owned(request);
      return parts
          .gate()
          .during(() -> Failures.unwrapped(created(owned).thenCompose(made -> place(owned, made))));
    });
  }

  @Override
  public CompletionStage<SendReceipt> sendBatch(BatchSendRequest request) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      SendRequest envelope = request.envelope();
      checkBatch(request);
      TopicConfig topic = parts.topics().find(envelope.topic());
      if (topic != null) {
        return placeBatch(request, topic);
      }
      BatchSendRequest owned =
          new BatchSendRequest(envelope, request.entries().stream().map(Encoder::owned).toList());
      return parts
          .gate()
          .during(() ->
              Failures.unwrapped(created(envelope).thenCompose(made -> placeBatch(owned, made))));
    });
  }

  @Override
  public CompletionStage<Void> sendBack(SendBackRequest request) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      return parts.gate().during(() -> parts.redelivery().sendBack(request));
    });
  }

  @Override
  public CompletionStage<SendReceipt> reply(SendRequest request) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      checks.checkSize(request);
      return parts.replies().pass(request);
    });
  }

  @Override
  public CompletionStage<String> recall(String topic, String recallHandle) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      RecallHandle handle = RecallHandle.decode(recallHandle);
      if (!handle.topic().equals(topic)) {
        throw new BrokerException(
            ErrorCode.ILLEGAL_OPERATION,
            "the recall handle is for topic " + handle.topic() + ", not " + topic,
            "Recall with the topic that the message was sent to.");
      }
      return parts.gate().during(() -> parts.delayed().recall(handle));
    });
  }

  @Override
  public TransactionServices transactions() {
    return parts.transactions();
  }

  @Override
  public JointServices joint() {
    return joint;
  }

  private CompletionStage<TopicConfig> created(SendRequest request) {
    return parts
        .topics()
        .createForSend(request.topic(), request.defaultTopic(), request.defaultTopicQueues());
  }

  private CompletionStage<SendReceipt> place(SendRequest request, TopicConfig topic) {
    boolean retry = TopicNames.isRetry(topic.name());
    QueueId queue = checks.queueFor(request, topic);
    checks.checkSize(request);
    if (retry && request.reconsumeTimes() >= maxReconsumeTimes(request)) {
      return parts.redelivery().deadLetter(request);
    }
    PropertyScan scan = new PropertyScan(request.propertiesText());
    checks.checkKind(topic, scan);
    String key = scan.uniqueKey == null ? parts.ids().uniqueKey() : scan.uniqueKey;
    String text = properties.of(request.propertiesText(), scan, key);
    long deliverAtMs = scan.wantsDelay() ? deliveryTimes.of(scan, time.nowMs()) : DeliveryTimes.NOW;
    int sizeBytes = request.body().remaining();
    if (scan.wantsTransaction() && !retry && !TopicNames.isDeadLetter(topic.name())) {
      return parts
          .transactions()
          .prepare(new Transactions.Half(request, queue, scan, text, key, deliverAtMs))
          .thenApply(receipt -> {
            parts.counters().flow.sent(queue.topic(), 1, sizeBytes);
            return receipt;
          });
    }
    Message message = parts.encoder().plain(request, queue, text);
    return deliverAtMs == DeliveryTimes.NOW
        ? append(queue, message, key)
        : hold(queue, message, key, deliverAtMs);
  }

  private CompletionStage<SendReceipt> append(QueueId queue, Message message, String key) {
    int size = message.size();
    return parts
        .inlet()
        .write(
            WriteBatch.of(new Mutation.Append(queue, message)),
            size,
            receipt -> {
              Outcome outcome = receipt.outcome(0);
              parts.counters().sent(queue.topic(), 1, size);
              return new SendReceipt(
                  queue.queue(),
                  outcome.queueOffset(),
                  List.of(outcome.position()),
                  key,
                  Optional.empty());
            });
  }

  private CompletionStage<SendReceipt> hold(
      QueueId queue, Message message, String key, long deliverAtMs) {
    int size = message.size();
    return Failures.unwrapped(
        parts
            .delayed()
            .hold(queue, message, key, deliverAtMs)
            .thenApply(id -> {
              parts.counters().flow.sent(queue.topic(), 1, size);
              // No address yet: a number that no message has, so that ids stay distinct.
              return new SendReceipt(
                  queue.queue(),
                  0,
                  List.of(id.low() >>> 1),
                  key,
                  new RecallHandle(queue.topic(), settings.name(), deliverAtMs, key).encode());
            }));
  }

  private CompletionStage<SendReceipt> placeBatch(BatchSendRequest request, TopicConfig topic) {
    SendRequest envelope = request.envelope();
    QueueId queue = checks.queueFor(envelope, topic);
    WriteBatch.Builder batch = WriteBatch.builder();
    long bytes = 0;
    String firstKey = "";
    for (BatchSendRequest.Entry entry : request.entries()) {
      checks.checkSize(envelope.systemFlag(), entry.body().remaining(), entry.propertiesText());
      PropertyScan scan = new PropertyScan(entry.propertiesText());
      checks.checkKind(topic, scan);
      if (scan.wantsTransaction() || isDelayed(scan)) {
        throw illegalBatch("a message of a batch can be neither delayed nor transactional");
      }
      String key = scan.uniqueKey == null ? parts.ids().uniqueKey() : scan.uniqueKey;
      firstKey = firstKey.isEmpty() ? key : firstKey;
      String text = properties.of(entry.propertiesText(), scan, key);
      Message message =
          parts
              .encoder()
              .builder(envelope, queue)
              .flag(entry.flag())
              .body(entry.body())
              .propertiesText(text)
              .build();
      bytes += message.size();
      batch.add(new Mutation.Append(queue, message));
    }
    return writeBatch(queue, batch.build(), bytes, firstKey);
  }

  private CompletionStage<SendReceipt> writeBatch(
      QueueId queue, WriteBatch batch, long bytes, String firstKey) {
    return parts
        .inlet()
        .write(
            batch,
            bytes,
            receipt -> {
              parts.counters().sent(queue.topic(), batch.mutations().size(), bytes);
              return new SendReceipt(
                  queue.queue(),
                  receipt.outcome(0).queueOffset(),
                  receipt.outcomes().stream().map(Outcome::position).toList(),
                  firstKey,
                  Optional.empty());
            });
  }

  private void checkBatch(BatchSendRequest request) {
    String topic = request.envelope().topic();
    if (TopicNames.isRetry(topic) || TopicNames.isDeadLetter(topic)) {
      throw illegalBatch("a batch cannot go to the retry or dead-letter topic " + topic);
    }
    int count = request.entries().size();
    if (count == 0 || count > WriteBatch.MAX_MUTATIONS) {
      throw illegalBatch(
          "a batch of " + count + " messages; it may have 1 to " + WriteBatch.MAX_MUTATIONS);
    }
    long bytes = 0;
    for (BatchSendRequest.Entry entry : request.entries()) {
      bytes += entry.body().remaining() + (long) entry.propertiesText().length();
    }
    if (bytes > settings.limits().maxMessageBytes()) {
      throw illegalBatch(
          "a batch of "
              + bytes
              + " bytes; the limit is "
              + settings.limits().maxMessageBytes()
              + " for all its messages together");
    }
  }

  private boolean isDelayed(PropertyScan scan) {
    return scan.wantsDelay() && deliveryTimes.of(scan, time.nowMs()) != DeliveryTimes.NOW;
  }

  private int maxReconsumeTimes(SendRequest request) {
    String group = TopicNames.groupOf(request.topic());
    return request.maxReconsumeTimes().orElseGet(() -> parts.groups().maxRetries(group));
  }

  private static BrokerException illegalBatch(String what) {
    return new BrokerException(
        ErrorCode.MESSAGE_ILLEGAL, what, "Split the batch, or send its messages one by one.");
  }
}
