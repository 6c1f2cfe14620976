package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Passes answers of request-reply calls to the client that asked. An answer is worth something only
 * to a caller who still waits, so it is not stored. Non-blocking.
 */
final class Replies {

  /** When the server passed the answer on (source: Apache RocketMQ 4.6+). */
  private static final String PUSH_TIME = "PUSH_REPLY_TIME";

  private final Clients clients;
  private final Encoder encoder;
  private final TimeSource time;

  Replies(Clients clients, Encoder encoder, TimeSource time) {
    this.clients = clients;
    this.encoder = encoder;
    this.time = time;
  }

  CompletionStage<SendReceipt> pass(SendRequest request) {
    String text = request.propertiesText();
    String asker =
        MessageProperties.find(text, MessageProperties.REPLY_TO_CLIENT)
            .orElseThrow(() ->
                new BrokerException(
                    ErrorCode.MESSAGE_ILLEGAL,
                    "an answer without the property " + MessageProperties.REPLY_TO_CLIENT,
                    "Build answers from the request message."));
    ClientConnection connection =
        clients.find(asker).orElseThrow(() -> notOnline(asker, "is not connected"));
    QueueId queue = new QueueId(request.topic(), Math.max(0, request.queue()));
    long nowMs = time.nowMs();
    Message message =
        encoder
            .plain(request, queue, MessageProperties.set(text, PUSH_TIME, "" + nowMs))
            .stamped(0, 0, nowMs);
    if (!connection.push(new ServerPush.Reply(request.producerGroup(), message))) {
      throw notOnline(asker, "does not take answers now");
    }
    return CompletableFuture.completedFuture(
        new SendReceipt(
            queue.queue(), 0, List.of(0L), message.uniqueKey().orElse(""), Optional.empty()));
  }

  private static BrokerException notOnline(String client, String why) {
    return new BrokerException(
        ErrorCode.CONSUMER_NOT_ONLINE,
        "client " + client + ", which asked, " + why,
        "The answer is lost; the asking client runs into its time-out.");
  }
}
