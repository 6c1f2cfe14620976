package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The server's own requests to clients: 39, 40 and 326, all one-way. Thread-safe. */
final class PushFrames {
  private final BrokerServices services;
  private final AtomicInteger opaque = new AtomicInteger();

  PushFrames(BrokerServices services) {
    this.services = services;
  }

  Outbox.Outbound frame(ServerPush push, HeaderEncoding encoding) {
    return switch (push) {
      case ServerPush.MembersChanged changed ->
          frame(
              RequestCodes.NOTIFY_CONSUMER_IDS_CHANGED,
              Map.of("consumerGroup", changed.consumerGroup()),
              List.of(),
              encoding);
      case ServerPush.CheckTransaction check ->
          frame(
              RequestCodes.CHECK_TRANSACTION_STATE,
              checkFields(check),
              List.of(checkBody(check)),
              encoding);
      case ServerPush.OffsetsReset reset ->
          frame(
              RequestCodes.RESET_CONSUMER_CLIENT_OFFSET,
              Map.of(
                  "topic",
                  reset.topic(),
                  "group",
                  reset.consumerGroup(),
                  "timestamp",
                  "0",
                  "isForce",
                  "true"),
              List.of(ByteBuffer.wrap(ProgressTools.offsetTable(byBroker(reset)))),
              encoding);
      case ServerPush.Reply reply ->
          frame(
              RequestCodes.PUSH_REPLY_MESSAGE_TO_CLIENT,
              replyFields(reply),
              List.of(reply.message().body()),
              encoding);
    };
  }

  private Map<String, Map<QueueId, Long>> byBroker(ServerPush.OffsetsReset reset) {
    Map<String, Map<QueueId, Long>> all = new TreeMap<>(reset.elsewhere());
    all.put(services.identity().name(), reset.offsets());
    return all;
  }

  private Outbox.Outbound frame(
      int code, Map<String, String> fields, List<ByteBuffer> body, HeaderEncoding encoding) {
    RemotingCommand command =
        RemotingCommand.request(code, opaque.getAndIncrement(), true, fields, encoding);
    return new Outbox.Outbound(command, body, Answer::nothing);
  }

  private Map<String, String> checkFields(ServerPush.CheckTransaction check) {
    BrokerIdentity self = services.identity();
    Message message = check.message();
    String position = Long.toString(check.handle().commitLogOffset());
    Map<String, String> fields = HashMap.newHashMap(8);
    fields.put("topic", message.topic());
    fields.put("tranStateTableOffset", Long.toString(check.handle().queueOffset()));
    fields.put("commitLogOffset", position);
    fields.put("msgId", message.uniqueKey().orElse(check.transactionId()));
    fields.put("transactionId", check.transactionId());
    fields.put("offsetMsgId", OffsetId.of(self.address(), check.handle().commitLogOffset()));
    fields.put("bname", self.name());
    return fields;
  }

  private static ByteBuffer checkBody(ServerPush.CheckTransaction check) {
    // The client derives the message id from these two numbers; they must be the handle's.
    return check
        .message()
        .stamped(
            check.handle().queueOffset(),
            check.handle().commitLogOffset(),
            check.message().storeTimeMs())
        .bytes();
  }

  private Map<String, String> replyFields(ServerPush.Reply reply) {
    Message message = reply.message();
    Map<String, String> fields = HashMap.newHashMap(16);
    fields.put("producerGroup", reply.producerGroup());
    fields.put("topic", message.topic());
    fields.put("defaultTopic", "");
    fields.put("defaultTopicQueueNums", "0");
    fields.put("queueId", Integer.toString(message.queue()));
    fields.put("sysFlag", Integer.toString(message.systemFlag()));
    fields.put("bornTimestamp", Long.toString(message.bornTimeMs()));
    fields.put("flag", Integer.toString(message.flag()));
    fields.put("properties", message.propertiesText());
    fields.put("reconsumeTimes", Integer.toString(message.reconsumeTimes()));
    fields.put("unitMode", "false");
    fields.put("bornHost", address(message.bornHost()));
    fields.put("storeHost", address(services.identity().address()));
    fields.put("storeTimestamp", Long.toString(message.storeTimeMs()));
    return fields;
  }

  private static String address(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
