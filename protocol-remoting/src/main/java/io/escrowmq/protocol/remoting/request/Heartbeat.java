package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.request.RemotingRequest.Subscription;
import io.escrowmq.protocol.remoting.wire.JsonObject;
import io.escrowmq.protocol.remoting.wire.JsonText;
import java.util.List;

/**
 * The body of request 34: what one client process does (Apache RocketMQ remoting protocol, {@code
 * HeartbeatData}).
 *
 * @param clientId the process, unique among live clients
 * @param producerGroups groups it produces for; only these are asked about undecided transactions
 * @param consumers groups it consumes for
 * @param fingerprint hash of the full data, for clients that speak the short form; 0 otherwise
 * @param withoutSubscriptions whether this is the short form: the subscriptions sent earlier still
 *     hold
 */
public record Heartbeat(
    String clientId,
    List<String> producerGroups,
    List<Consumer> consumers,
    int fingerprint,
    boolean withoutSubscriptions) {

  /**
   * One consumer group of a client.
   *
   * @param consumeType {@code CONSUME_ACTIVELY}, {@code CONSUME_PASSIVELY} or {@code CONSUME_POP}
   * @param broadcasting whether every member gets every message
   * @param fromWhere where a group without progress starts, by the protocol's name
   */
  public record Consumer(
      String group,
      String consumeType,
      boolean broadcasting,
      String fromWhere,
      List<Subscription> subscriptions) {}

  /**
   * Reads the JSON body.
   *
   * @throws io.escrowmq.protocol.remoting.wire.ProtocolException if it is malformed
   */
  public static Heartbeat parse(byte[] utf8) {
    JsonObject root = JsonText.object(utf8, "the heartbeat");
    return new Heartbeat(
        root.text("clientID"),
        root.objects("producerDataSet").stream().map(data -> data.text("groupName")).toList(),
        root.objects("consumerDataSet").stream().map(Heartbeat::consumer).toList(),
        root.intOr("heartbeatFingerprint", 0),
        root.flag("withoutSub") || root.flag("isWithoutSub"));
  }

  private static Consumer consumer(JsonObject data) {
    return new Consumer(
        data.text("groupName"),
        data.textOr("consumeType", "CONSUME_PASSIVELY"),
        data.textOr("messageModel", "CLUSTERING").equals("BROADCASTING"),
        data.textOr("consumeFromWhere", "CONSUME_FROM_LAST_OFFSET"),
        data.objects("subscriptionDataSet").stream().map(Heartbeat::subscription).toList());
  }

  static Subscription subscription(JsonObject data) {
    return new Subscription(
        data.text("topic"),
        data.textOr("subString", "*"),
        data.textOr("expressionType", "TAG"),
        data.numberOr("subVersion", 0),
        data.texts("tagsSet"),
        data.flag("classFilterMode"));
  }
}
