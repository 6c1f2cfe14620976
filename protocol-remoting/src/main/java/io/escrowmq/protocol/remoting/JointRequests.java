package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.JointCommand;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.JointServices.Ended;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Transactions of several messages. Never blocks. */
final class JointRequests {
  private final BrokerServices services;

  JointRequests(BrokerServices services) {
    this.services = services;
  }

  CompletionStage<Answer> answer(JointCommand command, RemotingConnection from) {
    JointServices joint = services.sending().joint();
    return switch (command) {
      case JointCommand.Open open ->
          joint
              .open(
                  new JointServices.OpenRequest(
                      open.producerGroup(),
                      open.key(),
                      from.clientIdOrAddress(),
                      open.immunitySeconds().isPresent()
                          ? Optional.of(Duration.ofSeconds(open.immunitySeconds().getAsInt()))
                          : Optional.empty()))
              .thenApply(opened ->
                  Answer.success(
                      Map.of(
                          "transactionId",
                          opened.transactionId(),
                          "repeated",
                          Boolean.toString(opened.repeated()),
                          "maxMessages",
                          Integer.toString(JointServices.MAX_MESSAGES))));
      case JointCommand.Add add ->
          joint
              .add(
                  new JointServices.AddRequest(
                      add.transactionId(),
                      add.sequence(),
                      SendRequests.request(
                          add.message(), add.message().properties(), add.message().body(), from)))
              .thenApply(added ->
                  Answer.success(
                      Map.of(
                          "queueId",
                          Integer.toString(added.queue()),
                          "repeated",
                          Boolean.toString(added.repeated()))));
      case JointCommand.Decide decide ->
          joint.end(request(decide, from)).thenApply(ended -> ended(decide, ended));
      case JointCommand.View view ->
          joint
              .view(view.transactionId(), view.producerGroup())
              .thenApply(seen -> Answer.success(Map.of("state", seen.state()), messages(seen)));
    };
  }

  private static JointServices.EndRequest request(
      JointCommand.Decide decide, RemotingConnection from) {
    return new JointServices.EndRequest(
        decide.transactionId(),
        decide.producerGroup(),
        from.clientIdOrAddress(),
        switch (decide.decision()) {
          case COMMIT -> Decision.COMMIT;
          case ROLLBACK -> Decision.ROLLBACK;
          case UNKNOWN -> Decision.UNKNOWN;
        },
        decide.named(),
        decide.fromCheck());
  }

  private static Answer ended(JointCommand.Decide decide, Ended ended) {
    String transaction = "transaction " + decide.transactionId();
    return switch (ended) {
      case Ended.Decided it ->
          Answer.success(
              Map.of("decision", it.decision().name(), "repeated", Boolean.toString(it.repeated())),
              placed(it.messages()));
      case Ended.StillOpen _ -> Answer.success(Map.of("decision", Decision.UNKNOWN.name()));
      case Ended.Conflict it ->
          refusal(
              ResponseCodes.TRANSACTION_CONFLICT,
              "the "
                  + transaction
                  + " was decided before as "
                  + it.recorded()
                  + "; a decision is final, nothing was changed",
              Map.of("decision", it.recorded().name()));
      case Ended.OtherMessages it -> {
        String committed = it.committed().isEmpty() ? "none" : numbers(it.committed());
        yield refusal(
            ResponseCodes.TRANSACTION_CONFLICT,
            "the "
                + transaction
                + " was committed before with the messages "
                + committed
                + ", and this commit names others; a decision is final, nothing was changed. A"
                + " repetition names the same messages: see who else decides under this key",
            Map.of("decision", Decision.COMMIT.name(), "messages", committed));
      }
      case Ended.Incomplete it -> {
        String missing = numbers(it.missing());
        yield refusal(
            ResponseCodes.TRANSACTION_INCOMPLETE,
            "the "
                + transaction
                + " lacks messages "
                + missing
                + "; nothing was changed. Add them and commit again, or roll back",
            Map.of("missing", missing));
      }
    };
  }

  private static String numbers(List<Integer> messages) {
    return messages.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static Answer refusal(int code, String remark, Map<String, String> fields) {
    return new Answer(code, remark, new HashMap<>(fields), List.of(), Answer::nothing);
  }

  private static byte[] placed(List<JointServices.Placed> messages) {
    JsonWriter json = new JsonWriter(64 + 64 * messages.size()).startObject();
    json.name("messages").startArray();
    for (JointServices.Placed it : messages) {
      json.startObject()
          .member("sequence", it.sequence())
          .member("queueOffset", it.queueOffset())
          .member("visibleAt", it.visibleAtMs())
          .endObject();
    }
    return json.endArray().endObject().toBytes();
  }

  private static byte[] messages(JointServices.View view) {
    JsonWriter json = new JsonWriter(64 + 96 * view.messages().size()).startObject();
    json.member("state", view.state()).name("messages").startArray();
    for (JointServices.Held it : view.messages()) {
      json.startObject()
          .member("sequence", it.sequence())
          .member("topic", it.topic())
          .member("queueId", it.queue())
          .member("deliverAt", it.deliverAtMs())
          .endObject();
    }
    return json.endArray().endObject().toBytes();
  }
}
