package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.request.PopCommand.PoppedMessage;
import io.escrowmq.protocol.remoting.wire.JsonObject;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the requests of consumers that pop into typed ones (source of names and formats: Apache
 * RocketMQ 5.x, request headers of the POP processors). Stateless and thread-safe.
 */
final class PopParser {

  private static final int HANDLE_FIELDS = 8;
  private static final int POP_TIME = 1;
  private static final int GENERATION = 3;
  private static final int INIT_FROM_END = 1;

  /** Messages that one entry of a batch acknowledgement may name. */
  private static final int MAX_BITS = 32 * 1024;

  private final JsonBodies bodies;

  PopParser(JsonBodies bodies) {
    this.bodies = bodies;
  }

  /** The typed request, or null if this is none of them. */
  @Nullable PopCommand parse(int code, Fields fields, ByteBuffer body) {
    return switch (code) {
      case RequestCodes.POP_MESSAGE -> pop(fields);
      case RequestCodes.ACK_MESSAGE ->
          new PopCommand.Ack(fields.text("consumerGroup"), message(fields));
      case RequestCodes.BATCH_ACK_MESSAGE -> batchAck(body);
      case RequestCodes.CHANGE_MESSAGE_INVISIBLETIME ->
          new PopCommand.ChangeInvisible(
              fields.text("consumerGroup"), message(fields), fields.longNumber("invisibleTime"));
      case RequestCodes.NOTIFICATION ->
          new PopCommand.Notification(
              fields.text("consumerGroup"),
              fields.text("topic"),
              fields.number("queueId"),
              fields.longNumber("pollTime"),
              fields.textOrNull("expType"),
              fields.textOrNull("exp"),
              fields.flag("order", false),
              fields.textOr("attemptId", ""));
      case RequestCodes.POLLING_INFO ->
          new PopCommand.PollingInfo(
              fields.text("consumerGroup"), fields.text("topic"), fields.number("queueId"));
      case RequestCodes.PEEK_MESSAGE ->
          new PopCommand.Peek(
              fields.text("consumerGroup"),
              fields.text("topic"),
              fields.number("queueId"),
              fields.number("maxMsgNums"));
      case RequestCodes.QUERY_ASSIGNMENT -> assignment(object(body, code));
      case RequestCodes.SET_MESSAGE_REQUEST_MODE -> mode(object(body, code));
      case RequestCodes.GET_ALL_MESSAGE_REQUEST_MODE -> new PopCommand.AllModes();
      default -> null;
    };
  }

  private static PopCommand pop(Fields fields) {
    return new PopCommand.Pop(
        fields.text("consumerGroup"),
        fields.text("topic"),
        fields.number("queueId"),
        fields.number("maxMsgNums"),
        fields.longNumber("invisibleTime"),
        fields.longNumber("pollTime"),
        fields.number("initMode") == INIT_FROM_END,
        fields.textOrNull("expType"),
        fields.textOrNull("exp"),
        fields.flag("order", false),
        fields.textOr("attemptId", ""));
  }

  private static PoppedMessage message(Fields fields) {
    String[] handle = fields.text("extraInfo").split(" ", -1);
    if (handle.length < HANDLE_FIELDS - 1) {
      throw badHandle("has " + handle.length + " parts instead of " + HANDLE_FIELDS, null);
    }
    try {
      return new PoppedMessage(
          fields.text("topic"),
          fields.number("queueId"),
          fields.longNumber("offset"),
          Long.parseLong(handle[POP_TIME]),
          Integer.parseInt(handle[GENERATION]));
    } catch (NumberFormatException e) {
      throw badHandle("has no number where pop time and revive queue are expected", e);
    }
  }

  private static ProtocolException badHandle(String why, @Nullable Throwable cause) {
    String message =
        "the header field 'extraInfo' "
            + why
            + "; send the handle (property POP_CK) as it came with the message";
    return cause == null
        ? new ProtocolException(Fault.BAD_FIELD, message)
        : new ProtocolException(Fault.BAD_FIELD, message, cause);
  }

  private PopCommand batchAck(ByteBuffer body) {
    List<PopCommand.Ack> acks = new ArrayList<>();
    for (JsonObject entry : object(body, RequestCodes.BATCH_ACK_MESSAGE).objects("acks")) {
      long start = numberOf(entry, "so", "startOffset");
      BitSet bits = bits(entry);
      for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
        acks.add(
            new PopCommand.Ack(
                textOf(entry, "c", "consumerGroup"),
                new PoppedMessage(
                    textOf(entry, "t", "topic"),
                    (int) numberOf(entry, "q", "queueId"),
                    start + bit,
                    numberOf(entry, "pt", "popTime"),
                    (int) numberOf(entry, "rq", "reviveQueueId"))));
      }
    }
    return new PopCommand.BatchAck(acks);
  }

  private static BitSet bits(JsonObject entry) {
    String text = entry.textOr("b", entry.textOr("bitSet", ""));
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(
          Fault.BAD_BODY, "the bit set of a batch acknowledgement is not base64", e);
    }
    if (bytes.length > MAX_BITS / Byte.SIZE) {
      throw new ProtocolException(
          Fault.BAD_BODY,
          "an entry of a batch acknowledgement names more than " + MAX_BITS + " messages");
    }
    return BitSet.valueOf(bytes);
  }

  /** Members have a short name, and a long one from clients before 5.1.1. */
  private static String textOf(JsonObject entry, String name, String longName) {
    String text = entry.textOr(name, "");
    return text.isEmpty() ? entry.text(longName) : text;
  }

  private static long numberOf(JsonObject entry, String name, String longName) {
    return entry.numberOr(name, entry.numberOr(longName, 0));
  }

  private static PopCommand assignment(JsonObject body) {
    return new PopCommand.QueryAssignment(
        body.text("consumerGroup"),
        body.text("topic"),
        body.textOr("clientId", ""),
        body.textOr("strategyName", "AVG"),
        body.textOr("messageModel", "CLUSTERING").equals("BROADCASTING"));
  }

  private static PopCommand mode(JsonObject body) {
    return new PopCommand.SetMode(
        body.text("consumerGroup"),
        body.text("topic"),
        body.textOr("mode", "PULL").equals("POP"),
        body.intOr("popShareQueueNum", 0));
  }

  private JsonObject object(ByteBuffer body, int code) {
    return bodies.object(body, "the body of request " + code);
  }
}
