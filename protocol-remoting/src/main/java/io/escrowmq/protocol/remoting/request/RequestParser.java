package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.request.RemotingRequest.EndTransaction.Decision;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueLocks;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Send;
import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.protocol.remoting.wire.JsonObject;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns a header and a body into a typed request. Stateless and thread-safe. */
public final class RequestParser {
  /** First release whose JSON reader needs quoted numeric keys: 4.9.4, as an ordinal. */
  private static final int QUOTED_KEYS_SINCE = 401;

  private final JsonBodies bodies;

  private final AdminParser tools;
  private final PopParser pops;

  /** A parser that refuses JSON bodies beyond the limit. */
  public RequestParser(FrameLimits limits) {
    this.bodies = new JsonBodies(limits);
    this.tools = new AdminParser(bodies);
    this.pops = new PopParser(bodies);
  }

  /**
   * The typed request, or empty if this server does not know the code.
   *
   * @throws ProtocolException if a field or the body is missing or malformed
   */
  public Optional<RemotingRequest> parse(RemotingCommand command, ByteBuffer body) {
    Fields fields = new Fields(command);
    return Optional.ofNullable(
        switch (command.code()) {
          case RequestCodes.SEND_MESSAGE,
              RequestCodes.SEND_MESSAGE_V2,
              RequestCodes.SEND_BATCH_MESSAGE,
              RequestCodes.SEND_REPLY_MESSAGE,
              RequestCodes.SEND_REPLY_MESSAGE_V2 ->
              send(command.code(), fields, body);
          case RequestCodes.PULL_MESSAGE, RequestCodes.LITE_PULL_MESSAGE -> pull(fields);
          case RequestCodes.END_TRANSACTION -> endTransaction(fields);
          case RequestCodes.RECALL_MESSAGE -> recall(fields);
          case RequestCodes.CONSUMER_SEND_MSG_BACK -> sendBack(fields);
          case RequestCodes.UPDATE_AND_CREATE_TOPIC -> createTopic(fields);
          case RequestCodes.QUERY_MESSAGE -> queryMessage(fields);
          case RequestCodes.VIEW_MESSAGE_BY_ID ->
              new RemotingRequest.ViewMessage(fields.longNumber("offset"));
          case RequestCodes.GET_ROUTEINFO_BY_TOPIC -> route(command, fields);
          default -> clientOrQueue(command, fields, body);
        });
  }

  private @Nullable RemotingRequest clientOrQueue(
      RemotingCommand command, Fields fields, ByteBuffer body) {
    return switch (command.code()) {
      case RequestCodes.HEART_BEAT ->
          new RemotingRequest.HeartBeat(Heartbeat.parse(bodies.utf8(body, "the heartbeat")));
      case RequestCodes.UNREGISTER_CLIENT ->
          new RemotingRequest.Unregister(
              fields.text("clientID"),
              fields.textOrNull("producerGroup"),
              fields.textOrNull("consumerGroup"));
      case RequestCodes.CHECK_CLIENT_CONFIG -> checkSubscription(body);
      case RequestCodes.GET_CONSUMER_LIST_BY_GROUP ->
          new RemotingRequest.ConsumerList(fields.text("consumerGroup"));
      case RequestCodes.LOCK_BATCH_MQ -> new RemotingRequest.LockQueues(locks(body));
      case RequestCodes.UNLOCK_BATCH_MQ -> new RemotingRequest.UnlockQueues(locks(body));
      default -> queueOrTool(command, fields, body);
    };
  }

  private @Nullable RemotingRequest queueOrTool(
      RemotingCommand command, Fields fields, ByteBuffer body) {
    RemotingRequest queue = queue(command.code(), fields);
    if (queue != null) {
      return queue;
    }
    PopCommand pop = pops.parse(command.code(), fields, body);
    if (pop != null) {
      return new RemotingRequest.Popping(pop);
    }
    JointCommand joint = JointParser.parse(command.code(), fields, body);
    if (joint != null) {
      return new RemotingRequest.Joint(joint);
    }
    AdminRequest tool = tools.parse(command, fields, body);
    return tool == null ? null : new RemotingRequest.Administer(tool);
  }

  private static @Nullable RemotingRequest queue(int code, Fields fields) {
    return switch (code) {
      case RequestCodes.QUERY_CONSUMER_OFFSET ->
          new RemotingRequest.QueryOffset(
              fields.text("consumerGroup"),
              fields.text("topic"),
              fields.number("queueId"),
              fields.flag("setZeroIfNotFound", true));
      case RequestCodes.UPDATE_CONSUMER_OFFSET ->
          new RemotingRequest.UpdateOffset(
              fields.text("consumerGroup"),
              fields.text("topic"),
              fields.number("queueId"),
              fields.longNumber("commitOffset"));
      case RequestCodes.SEARCH_OFFSET_BY_TIMESTAMP ->
          new RemotingRequest.OffsetByTime(
              fields.text("topic"),
              fields.number("queueId"),
              fields.longNumber("timestamp"),
              fields.textOr("boundaryType", "LOWER").equalsIgnoreCase("UPPER"));
      case RequestCodes.GET_MAX_OFFSET ->
          new RemotingRequest.MaxOffset(fields.text("topic"), fields.number("queueId"));
      case RequestCodes.GET_MIN_OFFSET ->
          new RemotingRequest.MinOffset(fields.text("topic"), fields.number("queueId"));
      case RequestCodes.GET_EARLIEST_MSG_STORETIME ->
          new RemotingRequest.EarliestStoreTime(fields.text("topic"), fields.number("queueId"));
      default -> null;
    };
  }

  private static RemotingRequest route(RemotingCommand command, Fields fields) {
    return new RemotingRequest.Route(fields.text("topic"), wantsQuotedKeys(command, fields));
  }

  static boolean wantsQuotedKeys(RemotingCommand command, Fields fields) {
    return command.version() >= QUOTED_KEYS_SINCE || fields.flag("acceptStandardJsonOnly", false);
  }

  static Send send(int code, Fields fields, ByteBuffer body) {
    boolean reply =
        code == RequestCodes.SEND_REPLY_MESSAGE || code == RequestCodes.SEND_REPLY_MESSAGE_V2;
    boolean longNames =
        code == RequestCodes.SEND_MESSAGE || code == RequestCodes.SEND_REPLY_MESSAGE;
    SendNames names = longNames ? SendNames.LONG : SendNames.SHORT;
    boolean batch = code == RequestCodes.SEND_BATCH_MESSAGE || fields.flag(names.batch(), false);
    Send.Kind kind = reply ? Send.Kind.REPLY : batch ? Send.Kind.BATCH : Send.Kind.SINGLE;
    return new Send(
        kind,
        fields.text(names.producerGroup()),
        fields.text(names.topic()),
        fields.textOr(names.defaultTopic(), ""),
        fields.numberOr(names.defaultTopicQueues(), 0),
        fields.number(names.queue()),
        fields.number(names.systemFlag()),
        fields.longNumber(names.bornTime()),
        fields.numberOr(names.flag(), 0),
        fields.textOr(names.properties(), ""),
        fields.numberOr(names.reconsumeTimes(), 0),
        fields.numberOr(names.maxReconsumeTimes(), -1),
        body);
  }

  private static RemotingRequest recall(Fields fields) {
    return new RemotingRequest.Recall(
        fields.textOrNull("producerGroup"), fields.text("topic"), fields.text("recallHandle"));
  }

  private static RemotingRequest endTransaction(Fields fields) {
    int decision = fields.number("commitOrRollback");
    return new RemotingRequest.EndTransaction(
        fields.textOrNull("topic"),
        fields.text("producerGroup"),
        fields.longNumber("tranStateTableOffset"),
        fields.longNumber("commitLogOffset"),
        switch (decision) {
          case 0 -> Decision.UNKNOWN;
          case 8 -> Decision.COMMIT;
          case 12 -> Decision.ROLLBACK;
          default ->
              throw new ProtocolException(
                  Fault.BAD_FIELD,
                  "request 37 refused: the header field 'commitOrRollback' is "
                      + decision
                      + ", but only 0 (unknown), 8 (commit) and 12 (rollback) exist");
        },
        fields.flag("fromTransactionCheck", false),
        fields.textOr("msgId", ""),
        fields.textOrNull("transactionId"));
  }

  private static RemotingRequest pull(Fields fields) {
    return new RemotingRequest.Pull(
        fields.text("consumerGroup"),
        fields.text("topic"),
        fields.number("queueId"),
        fields.longNumber("queueOffset"),
        fields.number("maxMsgNums"),
        fields.number("sysFlag"),
        fields.longOr("commitOffset", 0),
        fields.longOr("suspendTimeoutMillis", 0),
        fields.textOrNull("subscription"),
        fields.longOr("subVersion", 0),
        fields.textOrNull("expressionType"),
        fields.numberOr("maxMsgBytes", -1));
  }

  private static RemotingRequest sendBack(Fields fields) {
    return new RemotingRequest.SendBack(
        fields.longNumber("offset"),
        fields.text("group"),
        fields.number("delayLevel"),
        fields.textOrNull("originMsgId"),
        fields.textOrNull("originTopic"),
        fields.numberOr("maxReconsumeTimes", -1));
  }

  private static RemotingRequest queryMessage(Fields fields) {
    return new RemotingRequest.QueryMessage(
        fields.text("topic"),
        fields.text("key"),
        fields.number("maxNum"),
        fields.longNumber("beginTimestamp"),
        fields.longNumber("endTimestamp"),
        fields.flag("_UNIQUE_KEY_QUERY", false));
  }

  private static RemotingRequest createTopic(Fields fields) {
    return new RemotingRequest.CreateTopic(
        fields.text("topic"),
        fields.number("readQueueNums"),
        fields.number("writeQueueNums"),
        fields.number("perm"),
        fields.flag("order", false),
        attributes(fields.textOr("attributes", "")));
  }

  private static Map<String, String> attributes(String text) {
    Map<String, String> changes = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int equals = part.indexOf('=');
      String name = (equals < 0 ? part : part.substring(0, equals)).strip();
      String value = equals < 0 ? "" : part.substring(equals + 1).strip();
      boolean signed = name.startsWith("+") || name.startsWith("-");
      if (!signed || changes.put(name, value) != null) {
        throw new ProtocolException(
            Fault.BAD_FIELD,
            "request 17 refused: the header field 'attributes' must list +name=value or -name,"
                + " each name once, separated by commas");
      }
    }
    return changes;
  }

  private RemotingRequest checkSubscription(ByteBuffer body) {
    String what = "the body of request 46";
    JsonObject root = bodies.object(body, what);
    JsonObject subscription = root.objectOrNull("subscriptionData");
    if (subscription == null) {
      throw new ProtocolException(
          Fault.BAD_BODY, what + ": the member 'subscriptionData' is missing");
    }
    return new RemotingRequest.CheckSubscription(
        root.textOr("clientId", ""),
        root.textOr("group", ""),
        Heartbeat.subscription(subscription));
  }

  private QueueLocks locks(ByteBuffer body) {
    String what = "the body of the queue lock request";
    JsonObject root = bodies.object(body, what);
    List<QueueRef> queues =
        root.objects("mqSet").stream()
            .map(queue ->
                new QueueRef(
                    queue.text("topic"), queue.textOr("brokerName", ""), queue.intOr("queueId", 0)))
            .toList();
    return new QueueLocks(root.text("consumerGroup"), root.text("clientId"), queues);
  }
}
