package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumeDirectly;
import io.escrowmq.protocol.remoting.request.AdminRequest.ConsumerStatus;
import io.escrowmq.protocol.remoting.request.AdminRequest.RunningInfo;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.storage.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** What tools ask a consumer through its broker: passed on, and its reply passed back. */
final class ClientTools {
  /** Tools wait a few seconds themselves. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int HEX = 16;
  private static final int POSITION_DIGITS = 16;

  private final BrokerServices services;

  ClientTools(BrokerServices services) {
    this.services = services;
  }

  Answer answer(AdminRequest.Clients request) {
    return switch (request) {
      case RunningInfo ask ->
          passOn(
              ask.group(),
              ask.clientId(),
              RequestCodes.GET_CONSUMER_RUNNING_INFO,
              ask.fields(),
              List.of());
      case ConsumeDirectly ask -> consume(ask);
      case ConsumerStatus ask -> status(ask);
    };
  }

  private Answer consume(ConsumeDirectly ask) {
    Optional<Message> message = position(ask.messageId()).flatMap(services.offsets()::at);
    if (message.isEmpty()) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR,
          "there is no message with the id "
              + ask.messageId()
              + "; give the id that a send's answer or a query by key shows as its offset id");
    }
    Map<String, String> fields = new HashMap<>(ask.fields());
    fields.put("brokerName", services.identity().name());
    return passOn(
        ask.group(),
        ask.clientId(),
        RequestCodes.CONSUME_MESSAGE_DIRECTLY,
        fields,
        List.of(message.get().bytes()));
  }

  /** The address in an id like those of sends' answers: its last 16 hexadecimal digits. */
  static Optional<Long> position(String messageId) {
    try {
      int from = Math.max(0, messageId.length() - POSITION_DIGITS);
      return Optional.of(Long.parseUnsignedLong(messageId.substring(from), HEX));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private Answer status(ConsumerStatus ask) {
    Map<String, String> fields = Map.of("group", ask.group(), "topic", ask.topic());
    JsonWriter json = new JsonWriter(1024).startObject().name("consumerTable").startObject();
    boolean any = false;
    for (GroupDirectory.Consumer member : services.operations().groups().consumers(ask.group())) {
      String clientId = member.clientId();
      if (ask.clientId().isEmpty() || ask.clientId().equals(clientId)) {
        Answer reply =
            passOn(
                ask.group(),
                clientId,
                RequestCodes.GET_CONSUMER_STATUS_FROM_CLIENT,
                fields,
                List.of());
        if (reply.code() != ResponseCodes.SUCCESS) {
          return reply;
        }
        json.name(clientId).raw(ObjectKeyed.member(text(reply.body()), "messageQueueTable"));
        any = true;
      }
    }
    return any
        ? Answer.success(json.endObject().endObject().toBytes())
        : Answer.refusal(
            ResponseCodes.SYSTEM_ERROR,
            "No Any Consumer online in the consumer group: ["
                + ask.group()
                + "]"
                + (ask.clientId().isEmpty() ? "" : " with the client id " + ask.clientId()));
  }

  private static String text(List<ByteBuffer> body) {
    StringBuilder text = new StringBuilder();
    body.forEach(part -> text.append(StandardCharsets.UTF_8.decode(part.duplicate())));
    return text.toString();
  }

  private Answer passOn(
      String group, String clientId, int code, Map<String, String> asked, List<ByteBuffer> body) {
    Map<String, String> fields = new HashMap<>(asked);
    // The consumer could send the tool's signed request again.
    fields.keySet().removeAll(Signatures.FIELDS);
    Optional<RemotingConnection> client =
        services.operations().groups().consumers(group).stream()
            .filter(member -> member.clientId().equals(clientId))
            .map(member -> remoting(member.connection()))
            .flatMap(Optional::stream)
            .findFirst();
    if (client.isEmpty()) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR, "The Consumer <" + group + "> <" + clientId + "> not online");
    }
    try {
      Questions.Reply reply = client.get().ask(code, fields, body, PATIENCE).join();
      return new Answer(
          reply.command().code(),
          reply.command().remark(),
          reply.command().extFields(),
          List.of(reply.body()),
          Answer::nothing);
    } catch (CompletionException e) {
      String why =
          e.getCause() instanceof TimeoutException
              ? "did not answer within " + PATIENCE.toSeconds() + " s"
              : "cannot be asked: " + String.valueOf(e.getCause());
      return Answer.refusal(
          ResponseCodes.CONSUME_MESSAGE_TIMEOUT,
          "consumer <" + group + "> <" + clientId + "> " + why + "; try again");
    }
  }

  private static Optional<RemotingConnection> remoting(ClientConnection connection) {
    return connection instanceof RemotingConnection remoting
        ? Optional.of(remoting)
        : Optional.empty();
  }
}
