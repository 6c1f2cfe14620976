package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.PopCommand;
import io.escrowmq.protocol.remoting.request.PopCommand.PoppedMessage;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopLease;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.QueueStride;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Consumers that pop. The client builds the handle of each message from the answer: the start
 * offset of its queue, the pop time, the invisible time, a number it calls the revive queue, where
 * this server puts the generation, and the queue and offset of the message.
 */
final class PopRequests {

  /** Clients wait at most 30 s; whoever asks for longer gets this. */
  private static final long MAX_POLL_MS = 60_000;

  /** Shown by a peek; nobody has these messages for that long. */
  private static final long PEEK_INVISIBLE_MS = 1;

  /** Every message comes from the topic itself, never from a retry topic of its own. */
  private static final String NOT_A_RETRY = "0";

  private final BrokerServices services;
  private final Assignments assignments;

  PopRequests(BrokerServices services, Assignments assignments) {
    this.services = services;
    this.assignments = assignments;
  }

  CompletionStage<Answer> answer(PopCommand command, RemotingConnection from) {
    return switch (command) {
      case PopCommand.Pop pop ->
          from.beside(() -> popping().pop(request(pop, from)))
              .thenCompose(waiting -> waiting)
              .thenApply(found -> answer(found, pop.ordered()));
      case PopCommand.Peek peek ->
          from.beside(() -> popping().peek(request(peek, from)))
              .thenCompose(shown -> shown)
              .thenApply(PopRequests::shown);
      case PopCommand.Notification wish ->
          from.beside(() -> popping().hasMessages(request(wish, from)))
              .thenCompose(waiting -> waiting)
              .thenApply(
                  has -> Answer.success(Map.of("hasMsg", has.toString(), "pollingFull", "false")));
      case PopCommand.Ack ack -> ack(ack, from);
      case PopCommand.BatchAck batch -> batchAck(batch, from);
      case PopCommand.ChangeInvisible change -> change(change, from);
      case PopCommand.PollingInfo ask ->
          from.beside(() -> {
            int waiting = popping().waiting(ask.group(), ask.topic(), ask.queue());
            return Answer.success(Map.of("pollingNum", Integer.toString(waiting)));
          });
      case PopCommand.QueryAssignment ask -> from.beside(() -> assignments.of(ask));
      case PopCommand.SetMode mode -> from.beside(() -> assignments.set(mode));
      case PopCommand.AllModes _ -> from.beside(assignments::all);
    };
  }

  private PopServices popping() {
    return services.consuming().popping();
  }

  private static PopRequest request(PopCommand.Pop pop, RemotingConnection from) {
    return new PopRequest(
        from,
        pop.group(),
        pop.topic(),
        queue(pop.queue()),
        QueueStride.ALL,
        pop.maxMessages(),
        pop.invisibleMs(),
        Math.clamp(pop.pollMs(), 0, MAX_POLL_MS),
        pop.fromEnd(),
        subscription(pop.topic(), pop.expressionType(), pop.expression()),
        pop.ordered(),
        pop.attemptId());
  }

  private static PopRequest request(PopCommand.Peek peek, RemotingConnection from) {
    return new PopRequest(
        from,
        peek.group(),
        peek.topic(),
        queue(peek.queue()),
        QueueStride.ALL,
        peek.maxMessages(),
        PEEK_INVISIBLE_MS,
        0,
        false,
        Optional.empty(),
        false,
        "");
  }

  private static PopRequest request(PopCommand.Notification wish, RemotingConnection from) {
    return new PopRequest(
        from,
        wish.group(),
        wish.topic(),
        queue(wish.queue()),
        QueueStride.ALL,
        1,
        PEEK_INVISIBLE_MS,
        Math.clamp(wish.pollMs(), 0, MAX_POLL_MS),
        true,
        subscription(wish.topic(), wish.expressionType(), wish.expression()),
        wish.ordered(),
        wish.attemptId());
  }

  private static int queue(int number) {
    return number < 0 ? PopRequest.ANY_QUEUE : number;
  }

  private static Optional<Subscription> subscription(
      String topic, @Nullable String type, @Nullable String expression) {
    if (expression == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Subscription(topic, type == null ? Subscription.TAG : type, expression, 0));
  }

  private static Answer answer(PopAnswer found, boolean ordered) {
    return switch (found.status()) {
      case FOUND -> found(found, ordered);
      case NOTHING_NEW -> nothing(found, ResponseCodes.POLLING_TIMEOUT);
      case TOO_MANY_WAITING -> nothing(found, ResponseCodes.POLLING_FULL);
    };
  }

  private static Answer shown(PopAnswer found) {
    return found.status() == PopAnswer.Status.FOUND
        ? found(found, false)
        : nothing(found, ResponseCodes.PULL_NOT_FOUND);
  }

  /** The client reads these fields whatever the outcome. */
  private static Map<String, String> fields(PopLease lease, long rest) {
    Map<String, String> fields = HashMap.newHashMap(7);
    fields.put("popTime", Long.toString(lease.popTimeMs()));
    fields.put("invisibleTime", Long.toString(lease.invisibleMs()));
    fields.put("reviveQid", Integer.toString(lease.generation()));
    fields.put("restNum", Long.toString(rest));
    return fields;
  }

  private static Answer nothing(PopAnswer found, int code) {
    return new Answer(
        code, found.status().name(), fields(found.lease(), found.rest()), List.of(), found::close);
  }

  private static Answer found(PopAnswer found, boolean ordered) {
    Map<String, String> fields = fields(found.lease(), found.rest());
    Map<Integer, List<Message>> byQueue = new LinkedHashMap<>();
    List<ByteBuffer> body = new ArrayList<>(found.messages().size());
    for (Message message : found.messages()) {
      byQueue.computeIfAbsent(message.queue(), _ -> new ArrayList<>()).add(message);
      body.add(message.bytes());
    }
    StringBuilder starts = new StringBuilder();
    StringBuilder offsets = new StringBuilder();
    StringBuilder counts = new StringBuilder();
    byQueue.forEach((queue, messages) -> {
      entry(starts, queue.toString()).append(messages.getFirst().queueOffset());
      StringBuilder list = entry(offsets, queue.toString());
      for (int i = 0; i < messages.size(); i++) {
        list.append(i == 0 ? "" : ",").append(messages.get(i).queueOffset());
      }
      if (ordered) {
        messages.forEach(message ->
            entry(counts, "qo" + queue + "%" + message.queueOffset())
                .append(message.reconsumeTimes()));
      }
    });
    fields.put("startOffsetInfo", starts.toString());
    fields.put("msgOffsetInfo", offsets.toString());
    if (ordered) {
      fields.put("orderCountInfo", counts.toString());
    }
    return new Answer(ResponseCodes.SUCCESS, "FOUND", fields, body, found::close);
  }

  private static StringBuilder entry(StringBuilder to, String key) {
    return to.append(to.isEmpty() ? "" : ";")
        .append(NOT_A_RETRY)
        .append(' ')
        .append(key)
        .append(' ');
  }

  private CompletionStage<Answer> ack(PopCommand.Ack ack, RemotingConnection from) {
    Delivery delivery = delivery(ack.message());
    return from.beside(() -> popping().ack(ack.group(), List.of(delivery)))
        .thenCompose(done -> done)
        .thenApply(outcomes -> acknowledged(ack.message(), outcomes.getFirst()));
  }

  private static Answer acknowledged(PoppedMessage message, Delivery.Outcome outcome) {
    return outcome == Delivery.Outcome.DONE
        ? Answer.success()
        : Answer.refusal(ResponseCodes.NO_MESSAGE, late(message, outcome));
  }

  private static String late(PoppedMessage message, Delivery.Outcome outcome) {
    return "message "
        + message.offset()
        + " of queue "
        + message.queue()
        + " of "
        + message.topic()
        + (outcome == Delivery.Outcome.STALE
            ? " is no longer this consumer's: its invisible time ended or was changed. It is"
                + " delivered again; raise the invisible time if consuming takes longer"
            : " was never given to this group; send the handle as it came with the message");
  }

  private CompletionStage<Answer> batchAck(PopCommand.BatchAck batch, RemotingConnection from) {
    if (batch.acks().isEmpty()) {
      return CompletableFuture.completedFuture(
          Answer.refusal(ResponseCodes.NO_MESSAGE, "the request names no message"));
    }
    Map<String, List<Delivery>> byGroup = new LinkedHashMap<>();
    batch
        .acks()
        .forEach(ack ->
            byGroup
                .computeIfAbsent(ack.group(), _ -> new ArrayList<>())
                .add(delivery(ack.message())));
    return from.beside(
            () -> {
              List<CompletableFuture<List<Delivery.Outcome>>> running = new ArrayList<>();
              byGroup.forEach((group, deliveries) ->
                  running.add(popping().ack(group, deliveries).toCompletableFuture()));
              return running;
            })
        .thenCompose(running ->
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
                .thenApply(_ -> batchAnswer(running)));
  }

  private static Answer batchAnswer(List<CompletableFuture<List<Delivery.Outcome>>> done) {
    long refused =
        done.stream()
            .flatMap(outcomes -> outcomes.join().stream())
            .filter(outcome -> outcome != Delivery.Outcome.DONE)
            .count();
    return new Answer(
        ResponseCodes.SUCCESS,
        refused == 0 ? null : refused + " messages are no longer this consumer's",
        Map.of(),
        List.of(),
        Answer::nothing);
  }

  private CompletionStage<Answer> change(
      PopCommand.ChangeInvisible change, RemotingConnection from) {
    Delivery delivery = delivery(change.message());
    return from.beside(
            () -> popping().changeInvisible(change.group(), delivery, change.invisibleMs()))
        .thenCompose(done -> done)
        .thenApply(changed -> {
          boolean done = changed.outcome() == Delivery.Outcome.DONE;
          return new Answer(
              done ? ResponseCodes.SUCCESS : ResponseCodes.NO_MESSAGE,
              done ? null : late(change.message(), changed.outcome()),
              fields(changed.lease(), 0),
              List.of(),
              Answer::nothing);
        });
  }

  private static Delivery delivery(PoppedMessage message) {
    return new Delivery(
        Queues.of(message.topic(), message.queue()),
        message.offset(),
        message.popTimeMs(),
        message.generation());
  }
}
