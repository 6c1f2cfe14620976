package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.BatchBody;
import io.escrowmq.protocol.remoting.request.RemotingRequest.EndTransaction;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Recall;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Send;
import io.escrowmq.protocol.remoting.request.RemotingRequest.SendBack;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.SendBackRequest;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import io.escrowmq.spi.protocol.TransactionServices.EndRequest;
import io.escrowmq.spi.protocol.TransactionServices.Ended;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Requests that bring messages in or decide about them. Never blocks. */
final class SendRequests {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final BrokerServices services;

  SendRequests(BrokerServices services) {
    this.services = services;
  }

  CompletionStage<Answer> send(Send send, RemotingConnection from) {
    return switch (send.kind()) {
      case SINGLE ->
          services
              .sending()
              .send(request(send, send.properties(), send.body(), from))
              .thenApply(this::receipt);
      case REPLY ->
          services
              .sending()
              .reply(request(send, send.properties(), send.body(), from))
              .thenApply(this::receipt);
      case BATCH -> {
        List<BatchSendRequest.Entry> entries =
            BatchBody.decode(send.body()).stream()
                .map(entry ->
                    new BatchSendRequest.Entry(entry.flag(), entry.properties(), entry.body()))
                .toList();
        SendRequest envelope = request(send, send.properties(), EMPTY, from);
        yield services
            .sending()
            .sendBatch(new BatchSendRequest(envelope, entries))
            .thenApply(this::receipt);
      }
    };
  }

  static SendRequest request(
      Send send, String properties, ByteBuffer body, RemotingConnection from) {
    return new SendRequest(
        send.producerGroup(),
        from.clientId(),
        send.topic(),
        send.defaultTopic(),
        send.defaultTopicQueues(),
        send.queue(),
        send.flag(),
        send.systemFlag(),
        send.bornTimeMs(),
        from.remoteAddress(),
        properties,
        body,
        send.reconsumeTimes(),
        limit(send.maxReconsumeTimes()));
  }

  private static OptionalInt limit(int maxReconsumeTimes) {
    return maxReconsumeTimes < 0 ? OptionalInt.empty() : OptionalInt.of(maxReconsumeTimes);
  }

  private Answer receipt(SendReceipt receipt) {
    BrokerIdentity self = services.identity();
    Map<String, String> fields = HashMap.newHashMap(8);
    fields.put("msgId", messageIds(self, receipt.positions()));
    fields.put("queueId", Integer.toString(receipt.queue()));
    fields.put("queueOffset", Long.toString(receipt.queueOffset()));
    fields.put("transactionId", receipt.uniqueKey());
    receipt.recallHandle().ifPresent(handle -> fields.put("recallHandle", handle));
    // Clients read both without looking whether they are there.
    fields.put("MSG_REGION", self.region());
    fields.put("TRACE_ON", "true");
    return Answer.success(fields);
  }

  private static String messageIds(BrokerIdentity self, List<Long> positions) {
    if (positions.size() == 1) {
      return OffsetId.of(self.address(), positions.getFirst());
    }
    return positions.stream()
        .map(position -> OffsetId.of(self.address(), position))
        .collect(Collectors.joining(","));
  }

  CompletionStage<Answer> sendBack(SendBack back) {
    return services
        .sending()
        .sendBack(
            new SendBackRequest(
                back.group(),
                back.position(),
                Objects.requireNonNullElse(back.originMessageId(), ""),
                back.delayLevel(),
                limit(back.maxReconsumeTimes())))
        .thenApply(done -> Answer.success());
  }

  CompletionStage<Answer> recall(Recall recall) {
    return services
        .sending()
        .recall(recall.topic(), recall.handle())
        .thenApply(uniqueKey -> Answer.success(Map.of("msgId", uniqueKey)));
  }

  CompletionStage<Answer> end(EndTransaction end, RemotingConnection from) {
    String transactionId = end.transactionId();
    EndRequest request =
        new EndRequest(
            new TransactionHandle(end.handleHigh(), end.handleLow()),
            end.producerGroup(),
            from.clientIdOrAddress(),
            transactionId == null ? end.uniqueKey() : transactionId,
            switch (end.decision()) {
              case COMMIT -> Decision.COMMIT;
              case ROLLBACK -> Decision.ROLLBACK;
              case UNKNOWN -> Decision.UNKNOWN;
            },
            end.fromCheck());
    return services.sending().transactions().end(request).thenApply(ended -> ended(end, ended));
  }

  private static Answer ended(EndTransaction end, Ended ended) {
    String transaction = "transaction of message " + end.uniqueKey();
    return switch (ended) {
      case Ended.Decided decided -> Answer.success();
      case Ended.StillOpen open -> Answer.success();
      case Ended.Conflict conflict ->
          Answer.refusal(
              ResponseCodes.ILLEGAL_OPERATION,
              "the "
                  + transaction
                  + " was decided before as "
                  + conflict.recorded()
                  + "; a decision is final, nothing was changed");
      case Ended.NotFound none ->
          Answer.refusal(
              ResponseCodes.SYSTEM_ERROR,
              "there is no "
                  + transaction
                  + ", or it was decided longer ago than decisions are"
                  + " kept; nothing was changed");
      case Ended.WrongGroup other ->
          Answer.refusal(
              ResponseCodes.SYSTEM_ERROR,
              "the "
                  + transaction
                  + " was begun by another producer group than "
                  + end.producerGroup()
                  + "; nothing was changed. End it from the group that sent it");
    };
  }
}
