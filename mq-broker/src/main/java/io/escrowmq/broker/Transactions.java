package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.protocol.TransactionServices;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.tx.Decider;
import io.escrowmq.tx.EndOutcome;
import io.escrowmq.tx.HalfMessage;
import io.escrowmq.tx.HalfOutcome;
import io.escrowmq.tx.Handle;
import io.escrowmq.tx.TransactionCoordinator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Translates between the door and the transaction coordinator. Non-blocking. */
final class Transactions implements TransactionServices {

  private static final long MAX_IMMUNITY_SECONDS = Duration.ofDays(7).toSeconds();

  private final TransactionCoordinator coordinator;
  private final Gate gate;
  private final Encoder encoder;

  Transactions(TransactionCoordinator coordinator, Gate gate, Encoder encoder) {
    this.coordinator = coordinator;
    this.gate = gate;
    this.encoder = encoder;
  }

  /**
   * A checked half message.
   *
   * @param text its properties with what the server adds
   * @param key its unique key, made up if it had none
   * @param deliverAtMs earliest delivery, or {@link DeliveryTimes#NOW}
   */
  record Half(
      SendRequest request,
      QueueId queue,
      PropertyScan scan,
      String text,
      String key,
      long deliverAtMs) {}

  /** Holds the message until its transaction is decided. */
  CompletionStage<SendReceipt> prepare(Half half) {
    SendRequest request = Encoder.owned(half.request());
    if (request.producerGroup().isEmpty()) {
      throw new BrokerException(
          ErrorCode.MESSAGE_ILLEGAL,
          "a transactional message without a producer group",
          "Set the producer group: its members are asked about undecided transactions.");
    }
    TopicNames.checkGroup(request.producerGroup());
    String text = committedText(half);
    long bytes = request.body().remaining() + (long) text.length();
    HalfMessage held =
        new HalfMessage(
            request.producerGroup(),
            request.clientId(),
            half.queue(),
            Optional.ofNullable(half.scan().uniqueKey),
            request.body(),
            immunity(half.scan()),
            half.deliverAtMs(),
            handle -> committed(request, half.queue(), text, handle));
    gate.enter(bytes);
    CompletableFuture<SendReceipt> answer = new CompletableFuture<>();
    coordinator
        .prepare(held)
        .whenComplete((outcome, failure) -> {
          gate.leave(bytes);
          if (failure != null) {
            answer.completeExceptionally(Failures.of(failure));
          } else {
            answerPrepared(answer, half, outcome);
          }
        });
    return answer;
  }

  @Override
  public CompletionStage<Ended> end(EndRequest request) {
    return Failures.translateStage(() -> {
      gate.checkOpen();
      TransactionHandle wire = request.handle();
      if (wire.queueOffset() < 0 || wire.commitLogOffset() < 0) {
        return CompletableFuture.completedFuture(new Ended.NotFound());
      }
      Handle handle = new Handle(wire.commitLogOffset(), wire.queueOffset());
      io.escrowmq.tx.EndRequest end =
          new io.escrowmq.tx.EndRequest(
              handle, request.producerGroup(), decision(request), decider(request));
      return gate.during(
          () -> Failures.unwrapped(coordinator.end(end).thenApply(Transactions::ended)));
    });
  }

  @Override
  public Optional<Message> parked(long position) {
    return position < 0
        ? Optional.empty()
        : Failures.translate(() ->
            coordinator
                .parked(position)
                .map(held -> held.message().stamped(0, position, held.entry().heldAtMs())));
  }

  @Override
  public CompletionStage<Boolean> resumeChecks(String topic, long position, String operator) {
    return Failures.translateStage(() -> {
      gate.checkOpen();
      Optional<Handle> handle =
          position < 0
              ? Optional.empty()
              : coordinator
                  .parked(position)
                  .filter(held -> held.entry().queue().topic().equals(topic))
                  .flatMap(held -> Handle.of(held.entry().id()));
      return handle.isEmpty()
          ? CompletableFuture.completedStage(false)
          : gate.during(() ->
              Failures.unwrapped(
                  coordinator.rearm(
                      handle.get(), Decider.operator(operator, "checks resumed by a tool"))));
    });
  }

  private static void answerPrepared(
      CompletableFuture<SendReceipt> answer, Half half, HalfOutcome outcome) {
    switch (outcome) {
      case HalfOutcome.Prepared prepared ->
          answer.complete(receipt(half, prepared.handle(), prepared.queue()));
      case HalfOutcome.AlreadyPrepared prepared ->
          answer.complete(receipt(half, prepared.handle(), prepared.queue()));
      case HalfOutcome.AlreadyCommitted _ ->
          answer.completeExceptionally(
              new BrokerException(
                  ErrorCode.TRANSACTION_DUPLICATE,
                  "message " + half.key() + " was committed already",
                  "Do not send it again; a new message needs a new unique key."));
    }
  }

  private static SendReceipt receipt(Half half, Handle handle, QueueId queue) {
    return new SendReceipt(
        queue.queue(), handle.b(), List.of(handle.a()), half.key(), Optional.empty());
  }

  /** The message as consumers see it once committed (source: Apache RocketMQ 4.x/5.x). */
  private Message committed(SendRequest request, QueueId queue, String text, Handle handle) {
    int flags = request.systemFlag() & ~MessageFormat.FLAG_TRANSACTION_MASK;
    return encoder
        .builder(request, queue)
        .systemFlag(flags | MessageFormat.FLAG_TRANSACTION_COMMIT)
        .flag(request.flag())
        .body(request.body())
        .preparedTransactionOffset(handle.a())
        .propertiesText(text)
        .build();
  }

  private static String committedText(Half half) {
    String text = half.text();
    text = MessageProperties.set(text, MessageProperties.REAL_TOPIC, half.queue().topic());
    text =
        MessageProperties.set(
            text, MessageProperties.REAL_QUEUE, Integer.toString(half.queue().queue()));
    return half.scan().producerGroup == null
        ? MessageProperties.append(
            text, MessageProperties.PRODUCER_GROUP, half.request().producerGroup())
        : text;
  }

  private static Optional<Duration> immunity(PropertyScan scan) {
    if (scan.immunitySeconds == null) {
      return Optional.empty();
    }
    try {
      long seconds = Long.parseLong(scan.immunitySeconds.strip());
      return seconds < 0
          ? Optional.empty()
          : Optional.of(Duration.ofSeconds(Math.min(seconds, MAX_IMMUNITY_SECONDS)));
    } catch (NumberFormatException _) {
      // As RocketMQ does: what is no number does not count.
      return Optional.empty();
    }
  }

  /** A time to the first question that is not beyond all reason. */
  static Duration bounded(Duration immunity) {
    return immunity.toSeconds() > MAX_IMMUNITY_SECONDS
        ? Duration.ofSeconds(MAX_IMMUNITY_SECONDS)
        : immunity;
  }

  private static Optional<io.escrowmq.tx.Decision> decision(EndRequest request) {
    return switch (request.decision()) {
      case COMMIT -> Optional.of(io.escrowmq.tx.Decision.COMMIT);
      case ROLLBACK -> Optional.of(io.escrowmq.tx.Decision.ROLLBACK);
      case UNKNOWN -> Optional.empty();
    };
  }

  private static Decider decider(EndRequest request) {
    String identity = request.clientId().isEmpty() ? request.producerGroup() : request.clientId();
    return request.fromCheck() ? Decider.checkAnswer(identity) : Decider.producer(identity);
  }

  private static Ended ended(EndOutcome outcome) {
    return switch (outcome) {
      case EndOutcome.Decided decided -> new Ended.Decided(recorded(decided.decision()), false);
      case EndOutcome.Repeated repeated -> new Ended.Decided(recorded(repeated.decision()), true);
      case EndOutcome.Conflict conflict -> new Ended.Conflict(recorded(conflict.recorded()));
      case EndOutcome.NotFound _ -> new Ended.NotFound();
      case EndOutcome.GroupMismatch _ -> new Ended.WrongGroup();
      case EndOutcome.Unknown _ -> new Ended.StillOpen();
    };
  }

  private static Decision recorded(io.escrowmq.tx.Decision decision) {
    return switch (decision) {
      case COMMIT -> Decision.COMMIT;
      case ROLLBACK -> Decision.ROLLBACK;
    };
  }
}
