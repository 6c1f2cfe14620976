package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.tx.Decider;
import io.escrowmq.tx.Handle;
import io.escrowmq.tx.JointEnd;
import io.escrowmq.tx.JointMessage;
import io.escrowmq.tx.JointOpening;
import io.escrowmq.tx.JointOutcome;
import io.escrowmq.tx.JointTransactions;
import io.escrowmq.tx.JointView;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Translates between the door and transactions of several messages. Non-blocking. */
final class JointSending implements JointServices {

  private static final String SHARDING_KEY = "__SHARDINGKEY";

  private final JointTransactions joint;
  private final Sending.Parts parts;
  private final SendChecks checks;
  private final StoredProperties properties;
  private final DeliveryTimes deliveryTimes;
  private final TimeSource time;

  JointSending(
      JointTransactions joint,
      Sending.Parts parts,
      TimeSource time,
      BrokerSettings settings,
      DeliveryTimes deliveryTimes) {
    this.joint = joint;
    this.parts = parts;
    this.time = time;
    this.checks = new SendChecks(settings, parts.ids());
    this.properties = new StoredProperties(settings.cluster(), settings.region());
    this.deliveryTimes = deliveryTimes;
  }

  @Override
  public CompletionStage<Opened> open(OpenRequest request) {
    return during(() -> {
      TopicNames.checkGroup(request.producerGroup());
      JointOpening opening;
      try {
        opening =
            new JointOpening(
                request.producerGroup(),
                request.key(),
                request.clientId(),
                request.immunity().map(Transactions::bounded));
      } catch (IllegalArgumentException e) {
        throw invalid("" + e.getMessage(), "Open the transaction with another key.", e);
      }
      return joint.open(opening).thenApply(outcome -> opened(request, outcome));
    });
  }

  @Override
  public CompletionStage<Added> add(AddRequest request) {
    return during(() -> {
      SendRequest message = request.message();
      if (TopicNames.isRetry(message.topic()) || TopicNames.isDeadLetter(message.topic())) {
        throw invalid(
            "a transaction cannot add to the retry or dead-letter topic " + message.topic(),
            "Send to the topic itself.",
            null);
      }
      checks.checkSize(message);
      SendRequest owned = Encoder.owned(message);
      TopicConfig topic = parts.topics().find(message.topic());
      CompletionStage<TopicConfig> found =
          topic != null
              ? CompletableFuture.completedFuture(topic)
              : parts
                  .topics()
                  .createForSend(
                      message.topic(), message.defaultTopic(), message.defaultTopicQueues());
      return found.thenCompose(there -> add(request, owned, there));
    });
  }

  @Override
  public CompletionStage<Ended> end(EndRequest request) {
    return during(() -> {
      Decider decider =
          request.fromCheck()
              ? Decider.checkAnswer(request.clientId())
              : Decider.producer(request.clientId());
      if (request.decision() == Decision.UNKNOWN) {
        return CompletableFuture.completedFuture(new Ended.StillOpen());
      }
      JointEnd end =
          new JointEnd(
              handle(request.transactionId()),
              request.producerGroup(),
              request.decision() == Decision.COMMIT
                  ? io.escrowmq.tx.Decision.COMMIT
                  : io.escrowmq.tx.Decision.ROLLBACK,
              request.named(),
              decider);
      return joint.end(end).thenApply(outcome -> ended(request, outcome));
    });
  }

  @Override
  public CompletionStage<View> view(String transactionId, String producerGroup) {
    return during(() ->
        joint
            .view(handle(transactionId))
            .thenApply(view -> {
              if (view.state() == JointView.State.UNKNOWN) {
                throw notFound(transactionId);
              }
              if (!view.producerGroup().isEmpty() && !view.producerGroup().equals(producerGroup)) {
                throw foreign(transactionId, producerGroup);
              }
              return new View(
                  view.state().name(),
                  view.members().stream()
                      .map(it ->
                          new Held(
                              it.sequence(),
                              it.queue().topic(),
                              it.queue().queue(),
                              it.deliverAtMs()))
                      .toList());
            }));
  }

  private CompletionStage<Added> add(AddRequest request, SendRequest message, TopicConfig topic) {
    PropertyScan scan = new PropertyScan(message.propertiesText());
    if (scan.wantsTransaction()) {
      throw invalid(
          "a message with TRAN_MSG=true is a transaction of its own",
          "Add it without that property.",
          null);
    }
    checks.checkJointKind(topic, scan);
    QueueId queue = queue(message, topic, scan);
    String key = scan.uniqueKey == null ? parts.ids().uniqueKey() : scan.uniqueKey;
    long deliverAtMs = scan.wantsDelay() ? deliveryTimes.of(scan, time.nowMs()) : DeliveryTimes.NOW;
    Handle handle = handle(request.transactionId());
    JointMessage held;
    try {
      held =
          new JointMessage(
              handle,
              message.producerGroup(),
              request.sequence(),
              queue,
              message.propertiesText(),
              message.body(),
              deliverAtMs,
              encoded(message, queue, properties.of(message.propertiesText(), scan, key), handle));
    } catch (IllegalArgumentException e) {
      throw invalid("" + e.getMessage(), "Use several transactions, or fewer messages.", e);
    }
    int sizeBytes = held.message().size();
    parts.gate().enter(sizeBytes);
    CompletionStage<JointOutcome.OfAdd> adding;
    try {
      adding = joint.add(held);
    } catch (RuntimeException e) {
      parts.gate().leave(sizeBytes);
      throw e;
    }
    return adding
        .whenComplete((_, _) -> parts.gate().leave(sizeBytes))
        .thenApply(outcome -> added(request, outcome, queue, sizeBytes));
  }

  /** Of a queue below 0 the broker chooses, for a sharding key always the same one. */
  private QueueId queue(SendRequest message, TopicConfig topic, PropertyScan scan) {
    QueueId queue = checks.queueFor(message, topic);
    if (message.queue() >= 0 || !scan.wantsOrder() || topic.writeQueues() < 1) {
      return queue;
    }
    String shard = MessageProperties.find(message.propertiesText(), SHARDING_KEY).orElse("");
    // As official producers choose by a sharding key, which is a text there too.
    return new QueueId(topic.name(), Math.abs(shard.hashCode() % topic.writeQueues()));
  }

  private Message encoded(SendRequest request, QueueId queue, String text, Handle handle) {
    int flags = request.systemFlag() & ~MessageFormat.FLAG_TRANSACTION_MASK;
    return parts
        .encoder()
        .builder(request, queue)
        .systemFlag(flags | MessageFormat.FLAG_TRANSACTION_COMMIT)
        .flag(request.flag())
        .body(request.body())
        .preparedTransactionOffset(handle.a())
        .propertiesText(text)
        .build();
  }

  private static Opened opened(OpenRequest request, JointOutcome.OfOpen outcome) {
    return switch (outcome) {
      case JointOutcome.Opened it -> new Opened(it.transaction().toString(), it.repeated());
      case JointOutcome.AlreadyDecided it -> throw decided(request.key(), it.decision());
    };
  }

  private Added added(
      AddRequest request, JointOutcome.OfAdd outcome, QueueId queue, int sizeBytes) {
    return switch (outcome) {
      case JointOutcome.Added it -> {
        if (!it.repeated()) {
          parts.counters().flow.sent(queue.topic(), 1, sizeBytes);
        }
        yield new Added(it.queue().queue(), it.repeated());
      }
      case JointOutcome.AlreadyDecided it -> throw decided(request.transactionId(), it.decision());
      case JointOutcome.Different it ->
          throw new BrokerException(
              ErrorCode.ILLEGAL_OPERATION,
              "transaction "
                  + request.transactionId()
                  + " has another message with the number "
                  + it.sequence(),
              "Give every message of a transaction a number of its own; repeat an addition"
                  + " unchanged.");
      case JointOutcome.KeyUsed it ->
          throw new BrokerException(
              ErrorCode.ILLEGAL_OPERATION,
              "the key of transaction "
                  + request.transactionId()
                  + " was used before, and the store still knows its message "
                  + it.sequence(),
              "Roll back, and begin again with a key that was never used.");
      case JointOutcome.NotFound _ -> throw notFound(request.transactionId());
      case JointOutcome.GroupMismatch _ ->
          throw foreign(request.transactionId(), request.message().producerGroup());
    };
  }

  private static Ended ended(EndRequest request, JointOutcome.OfEnd outcome) {
    return switch (outcome) {
      case JointOutcome.Decided it ->
          new Ended.Decided(
              recorded(it.decision()),
              it.repeated(),
              it.holds().stream()
                  .map(hold -> new Placed(hold.sequence(), hold.queueOffset(), hold.visibleAtMs()))
                  .toList());
      case JointOutcome.Conflict it -> new Ended.Conflict(recorded(it.recorded()));
      case JointOutcome.OtherMessages it -> new Ended.OtherMessages(it.committed());
      case JointOutcome.Incomplete it -> new Ended.Incomplete(it.missing());
      case JointOutcome.NotFound _ -> throw notFound(request.transactionId());
      case JointOutcome.GroupMismatch _ ->
          throw foreign(request.transactionId(), request.producerGroup());
    };
  }

  private static Decision recorded(io.escrowmq.tx.Decision decision) {
    return decision == io.escrowmq.tx.Decision.COMMIT ? Decision.COMMIT : Decision.ROLLBACK;
  }

  private static Handle handle(String transactionId) {
    try {
      return Handle.parse(transactionId);
    } catch (IllegalArgumentException e) {
      throw notFound(transactionId);
    }
  }

  private <T> CompletionStage<T> during(Supplier<CompletionStage<T>> request) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      return parts.gate().during(() -> Failures.unwrapped(request.get()));
    });
  }

  private static BrokerException decided(String transaction, io.escrowmq.tx.Decision decision) {
    return new BrokerException(
        ErrorCode.TRANSACTION_DECIDED,
        "transaction "
            + transaction
            + (decision == io.escrowmq.tx.Decision.COMMIT
                ? " was committed already"
                : " was rolled back already"),
        "Begin a new transaction, with a new key.");
  }

  private static BrokerException notFound(String transactionId) {
    return new BrokerException(
        ErrorCode.TRANSACTION_NOT_FOUND,
        "there is no transaction of several messages "
            + transactionId
            + " on this broker, or it was decided longer ago than decisions are kept",
        "Use the id as opening the transaction gave it, on the broker that opened it.");
  }

  private static BrokerException foreign(String transactionId, String group) {
    return new BrokerException(
        ErrorCode.NO_PERMISSION,
        "transaction " + transactionId + " was not opened by the producer group " + group,
        "Add and decide as the group that opened it.");
  }

  private static BrokerException invalid(
      String what, String remedy, @org.jspecify.annotations.Nullable Throwable cause) {
    return new BrokerException(ErrorCode.INVALID_PARAMETER, what, remedy, cause);
  }
}
