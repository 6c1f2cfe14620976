package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RemotingRequest.EarliestStoreTime;
import io.escrowmq.protocol.remoting.request.RemotingRequest.MaxOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.MinOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.OffsetByTime;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueryMessage;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueryOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.UpdateOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.ViewMessage;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** Consumer offsets, queue bounds, and look-ups of messages. Blocks. */
final class OffsetRequests {
  private static final int MAX_FOUND = 1024;

  private final BrokerServices services;

  OffsetRequests(BrokerServices services) {
    this.services = services;
  }

  /** A member that takes a queue over waits for its former owner, but nothing waits for it. */
  CompletionStage<Answer> committed(QueryOffset query, RemotingConnection from) {
    return from.inOrder(() ->
            services
                .consuming()
                .handover()
                .turn(query.group(), from.clientId(), Queues.of(query.topic(), query.queue())))
        .thenCompose(turn -> turn)
        .thenCompose(_ -> from.beside(() -> committed(query)));
  }

  private Answer committed(QueryOffset query) {
    OptionalLong offset =
        services
            .offsets()
            .committed(
                query.group(), Queues.of(query.topic(), query.queue()), query.zeroIfNotFound());
    return offset.isPresent()
        ? offset(offset.getAsLong())
        : Answer.refusal(
            ResponseCodes.QUERY_NOT_FOUND,
            "the group "
                + query.group()
                + " has no offset for queue "
                + query.queue()
                + " of "
                + query.topic()
                + " yet");
  }

  Answer commit(UpdateOffset update, RemotingConnection from) {
    QueueId queue = Queues.of(update.topic(), update.queue());
    services.offsets().commit(update.group(), queue, update.offset());
    services.consuming().handover().committed(update.group(), from.clientId(), queue);
    return Answer.success();
  }

  Answer byTime(OffsetByTime query) {
    return offset(
        services
            .offsets()
            .offsetAt(Queues.of(query.topic(), query.queue()), query.timeMs(), query.upper()));
  }

  Answer max(MaxOffset query) {
    return offset(services.offsets().bounds(Queues.of(query.topic(), query.queue())).max());
  }

  Answer min(MinOffset query) {
    return offset(services.offsets().bounds(Queues.of(query.topic(), query.queue())).min());
  }

  Answer earliest(EarliestStoreTime query) {
    QueueId queue = Queues.of(query.topic(), query.queue());
    long oldest = services.offsets().bounds(queue).min();
    long timeMs = TopicTools.storedAtMs(services, queue, oldest).orElse(-1);
    return Answer.success(Map.of("timestamp", Long.toString(timeMs)));
  }

  private static Answer offset(long offset) {
    return Answer.success(Map.of("offset", Long.toString(offset)));
  }

  /** Tools look at a half message that nobody decides before they let it be asked about again. */
  Answer view(ViewMessage view) {
    Optional<Message> message =
        services
            .offsets()
            .at(view.position())
            .or(() -> services.sending().transactions().parked(view.position()));
    return message
        .map(found -> messages(List.of(found), Map.of()))
        .orElseGet(() ->
            Answer.refusal(
                ResponseCodes.SYSTEM_ERROR,
                "can not find message by the offset, "
                    + view.position()
                    + ": it never existed, is not visible, or its retention is over"));
  }

  Answer query(QueryMessage query) {
    MessageIndex.Answer answer =
        services
            .offsets()
            .find(
                new MessageIndex.Query(
                    query.topic(),
                    query.uniqueKey() ? MessageIndex.Field.UNIQUE_ID : MessageIndex.Field.KEY,
                    query.key(),
                    Math.max(0, query.fromMs()),
                    Math.max(0, query.toMs()),
                    Math.clamp(query.maxMessages(), 1, MAX_FOUND),
                    Optional.empty()));
    if (answer.messages().isEmpty()) {
      return Answer.refusal(
          ResponseCodes.QUERY_NOT_FOUND,
          "can not find message, maybe time range not correct: no visible message of "
              + query.topic()
              + " has this "
              + (query.uniqueKey() ? "id" : "key")
              + " in the time asked for");
    }
    Message newest = answer.messages().getFirst();
    return messages(
        answer.messages(),
        Map.of(
            "indexLastUpdateTimestamp",
            Long.toString(newest.storeTimeMs()),
            "indexLastUpdatePhyoffset",
            Long.toString(newest.position())));
  }

  private static Answer messages(List<Message> messages, Map<String, String> fields) {
    return new Answer(
        ResponseCodes.SUCCESS,
        null,
        fields,
        messages.stream().map(Message::bytes).toList(),
        Answer::nothing);
  }
}
