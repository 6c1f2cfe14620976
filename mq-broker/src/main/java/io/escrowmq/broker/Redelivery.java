package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What happens to a message that a consumer could not handle: another attempt through the group's
 * retry topic after a delay, or the group's dead-letter topic (source of names and rules: Apache
 * RocketMQ 4.x/5.x, CONSUMER_SEND_MSG_BACK). Non-blocking.
 */
final class Redelivery {

  private static final int ONLY_QUEUE = 0;

  private final Storage storage;
  private final Background background;
  private final Parts parts;
  private final DeliveryTimes deliveryTimes;
  private final GroupTable groups;

  Redelivery(
      Storage storage,
      Background background,
      Parts parts,
      DeliveryTimes deliveryTimes,
      GroupTable groups) {
    this.storage = storage;
    this.background = background;
    this.parts = parts;
    this.deliveryTimes = deliveryTimes;
    this.groups = groups;
  }

  /** What a redelivery needs. */
  record Parts(
      Topics topics, Inlet inlet, Encoder encoder, DelayedMessages delayed, Counters counters) {}

  /** Schedules another attempt of a stored message, or moves a copy to the dead letters. */
  CompletionStage<Void> sendBack(SendBackRequest request) {
    TopicNames.checkGroup(request.consumerGroup());
    CompletableFuture<Optional<Message>> original = new CompletableFuture<>();
    background
        .workers()
        .execute(() -> {
          try {
            original.complete(storage.log().at(request.position()));
          } catch (RuntimeException e) {
            original.completeExceptionally(e);
          }
        });
    return Failures.unwrapped(
        original.thenCompose(found ->
            sendBack(
                request,
                found
                    .filter(message -> isMeant(request, message))
                    .orElseThrow(() -> notFound(request)))));
  }

  /**
   * The consumer sends the body itself when it is refused, so a wrong message is worse than none.
   */
  private static boolean isMeant(SendBackRequest request, Message found) {
    String id = request.messageId();
    return id.isEmpty()
        || found.uniqueKey().filter(id::equals).isPresent()
        || OffsetIds.of(found.storeHost(), found.position()).equals(id);
  }

  /** Stores a message that its consumer sent to the retry topic for the last time. */
  CompletionStage<SendReceipt> deadLetter(SendRequest request) {
    SendRequest owned = Encoder.owned(request);
    String topic = TopicNames.deadLetterOf(TopicNames.groupOf(request.topic()));
    return Failures.unwrapped(
        parts
            .topics()
            .ensureGroupTopic(topic)
            .thenCompose(_ -> {
              QueueId queue = new QueueId(topic, ONLY_QUEUE);
              String text = asDeadLetter(owned.propertiesText());
              return appendDeadLetter(parts.encoder().plain(owned, queue, text));
            }));
  }

  /**
   * Makes a dead letter of the group out of a message that it got for the last time. The topic
   * exists then; blocks if it has to be created.
   *
   * @param last the message, saying how often it was given back before the last attempt
   */
  Mutation.Append deadLetterOf(String group, Message last) {
    String topic = TopicNames.deadLetterOf(group);
    TopicConfig _ = Failures.await(parts.topics().ensureGroupTopic(topic));
    Message letter = again(last, topic, asDeadLetter(withOrigin(last)));
    return new Mutation.Append(letter.queueId(), letter);
  }

  private CompletionStage<Void> sendBack(SendBackRequest request, Message original) {
    int max =
        request.maxReconsumeTimes().orElseGet(() -> groups.maxRetries(request.consumerGroup()));
    String text = withOrigin(original);
    if (original.reconsumeTimes() >= max || request.delayLevel() < 0) {
      String topic = TopicNames.deadLetterOf(request.consumerGroup());
      return parts
          .topics()
          .ensureGroupTopic(topic)
          .thenCompose(_ -> appendDeadLetter(again(original, topic, asDeadLetter(text))))
          .thenApply(_ -> null);
    }
    String topic = TopicNames.retryOf(request.consumerGroup());
    return parts
        .topics()
        .ensureGroupTopic(topic)
        .thenCompose(_ -> retry(request, original, topic, text));
  }

  private CompletionStage<Void> retry(
      SendBackRequest request, Message original, String topic, String text) {
    OptionalLong policyMs =
        request.delayLevel() > 0
            ? OptionalLong.empty()
            : groups.retryPolicy(request.consumerGroup()).delayMs(original.reconsumeTimes());
    long nowMs = background.time().nowMs();
    int level =
        request.delayLevel() > 0
            ? request.delayLevel()
            : DelayLevels.RETRY_BASE + original.reconsumeTimes();
    String told =
        policyMs.isPresent()
            ? MessageProperties.remove(text, MessageProperties.DELAY_LEVEL)
            : MessageProperties.set(text, MessageProperties.DELAY_LEVEL, Integer.toString(level));
    Message message = again(original, topic, told);
    int size = message.size();
    // Never at once, not even with levels configured away: a failing consumer would spin.
    long atMs =
        policyMs.isPresent()
            ? nowMs + Math.max(1, policyMs.getAsLong())
            : Math.max(1, deliveryTimes.ofLevel(level, nowMs));
    return parts
        .delayed()
        .holdForRetry(message.queueId(), message, atMs)
        .thenApply(_ -> {
          parts.counters().retried.increment();
          parts.counters().flow.givenBack(original.topic(), request.consumerGroup(), size);
          return null;
        });
  }

  private Message again(Message original, String topic, String text) {
    TopicConfig target = parts.topics().find(topic);
    int queues = target == null ? 1 : target.writeQueues();
    return original.toBuilder()
        .queue(new QueueId(topic, (int) Math.floorMod(original.queueOffset(), (long) queues)))
        .storeHost(parts.encoder().storeHost())
        .reconsumeTimes(original.reconsumeTimes() + 1)
        .preparedTransactionOffset(0)
        .propertiesText(text)
        .build();
  }

  private CompletionStage<SendReceipt> appendDeadLetter(Message message) {
    return parts
        .inlet()
        .write(
            WriteBatch.of(new Mutation.Append(message.queueId(), message)),
            message.size(),
            receipt -> {
              parts.counters().deadLettered.increment();
              Outcome outcome = receipt.outcome(0);
              return new SendReceipt(
                  message.queue(),
                  outcome.queueOffset(),
                  List.of(outcome.position()),
                  message.uniqueKey().orElse(""),
                  Optional.empty());
            });
  }

  /** Remembers where the message came from, unless an earlier attempt did. */
  private static String withOrigin(Message original) {
    String text = original.propertiesText();
    if (MessageProperties.find(text, MessageProperties.RETRY_TOPIC).isEmpty()) {
      text = MessageProperties.append(text, MessageProperties.RETRY_TOPIC, original.topic());
    }
    if (MessageProperties.find(text, MessageProperties.ORIGIN_MESSAGE_ID).isEmpty()) {
      text =
          MessageProperties.append(
              text,
              MessageProperties.ORIGIN_MESSAGE_ID,
              OffsetIds.of(original.storeHost(), original.position()));
    }
    return text;
  }

  private static String asDeadLetter(String text) {
    String result = MessageProperties.remove(text, MessageProperties.DELAY_LEVEL);
    Optional<String> topic = MessageProperties.find(text, MessageProperties.RETRY_TOPIC);
    if (topic.isPresent()) {
      result =
          MessageProperties.set(result, MessageProperties.DEAD_LETTER_ORIGIN_TOPIC, topic.get());
    }
    Optional<String> id = MessageProperties.find(text, MessageProperties.ORIGIN_MESSAGE_ID);
    if (id.isPresent()) {
      result =
          MessageProperties.set(result, MessageProperties.DEAD_LETTER_ORIGIN_MESSAGE_ID, id.get());
    }
    return result;
  }

  private static BrokerException notFound(SendBackRequest request) {
    return new BrokerException(
        ErrorCode.MESSAGE_NOT_FOUND,
        "there is no message at address " + request.position() + " to give back",
        "It was removed by the retention, it belongs to another server, or the store was moved.");
  }
}
