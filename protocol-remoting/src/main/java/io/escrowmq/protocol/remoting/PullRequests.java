package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RemotingRequest.Pull;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Message;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** Pulls, waiting or not. Messages leave in the layout they are stored in. */
final class PullRequests {
  /** Clients wait at most 30 s; whoever asks for longer gets this. */
  private static final long MAX_SUSPEND_MS = 60_000;

  private final BrokerServices services;

  PullRequests(BrokerServices services) {
    this.services = services;
  }

  CompletionStage<Answer> pull(Pull pull, RemotingConnection from) {
    PullRequest request =
        new PullRequest(
            from,
            from.clientId(),
            pull.group(),
            Queues.of(pull.topic(), pull.queue()),
            pull.offset(),
            pull.maxMessages(),
            pull.maxBytes() <= 0 ? Integer.MAX_VALUE : pull.maxBytes(),
            pull.commitsOffset() ? OptionalLong.of(pull.commitOffset()) : OptionalLong.empty(),
            pull.mayWait() ? Math.clamp(pull.suspendTimeoutMs(), 0, MAX_SUSPEND_MS) : 0,
            subscription(pull),
            pull.subscriptionVersion());
    return from.beside(() -> services.consuming().pull(request))
        .thenCompose(waiting -> waiting)
        .thenApply(PullRequests::answer);
  }

  private static Optional<Subscription> subscription(Pull pull) {
    String expression = pull.subscription();
    if (pull.filtersByClass()) {
      return Optional.of(
          new Subscription(
              pull.topic(),
              Subscription.CLASS_FILTER,
              expression == null ? "" : expression,
              pull.subscriptionVersion()));
    }
    if (!pull.carriesSubscription()) {
      return Optional.empty();
    }
    String type = pull.expressionType();
    return Optional.of(
        new Subscription(
            pull.topic(),
            type == null ? Subscription.TAG : type,
            expression == null ? Subscription.ALL : expression,
            pull.subscriptionVersion()));
  }

  private static Answer answer(PullAnswer found) {
    Map<String, String> fields = HashMap.newHashMap(4);
    fields.put("suggestWhichBrokerId", "0");
    fields.put("nextBeginOffset", Long.toString(found.nextOffset()));
    fields.put("minOffset", Long.toString(found.bounds().min()));
    fields.put("maxOffset", Long.toString(found.bounds().max()));
    List<ByteBuffer> body = found.messages().stream().map(Message::bytes).toList();
    return switch (found.status()) {
      case FOUND -> new Answer(ResponseCodes.SUCCESS, "FOUND", fields, body, found::close);
      case NOTHING_NEW -> nothing(found, ResponseCodes.PULL_NOT_FOUND, fields);
      case NONE_MATCHED -> nothing(found, ResponseCodes.PULL_RETRY_IMMEDIATELY, fields);
      case OFFSET_MOVED -> nothing(found, ResponseCodes.PULL_OFFSET_MOVED, fields);
    };
  }

  private static Answer nothing(PullAnswer found, int code, Map<String, String> fields) {
    return new Answer(code, found.status().name(), fields, List.of(), found::close);
  }
}
