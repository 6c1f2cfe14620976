package io.escrowmq.clienttests;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.AckCallback;
import org.apache.rocketmq.client.consumer.AckResult;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.client.consumer.PopCallback;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.remoting.protocol.header.AckMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ChangeInvisibleTimeRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ExtraInfoUtil;
import org.apache.rocketmq.remoting.protocol.header.PopMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;

/**
 * Pops by hand, through the official client's own requests: what its push consumer in POP mode does
 * inside, and what it cannot be told to do (short invisible times, order, batches).
 */
final class RawPop {
  private static final long TIMEOUT_MS = 20_000;

  private final MQClientAPIImpl api;
  private final String broker;
  private final String address;
  private final String group;
  private final String topic;

  private RawPop(MQClientAPIImpl api, String broker, String address, String group, String topic) {
    this.api = api;
    this.broker = broker;
    this.address = address;
    this.group = group;
    this.topic = topic;
  }

  static RawPop of(DefaultMQProducer producer, String group, String topic) throws Exception {
    var instance = producer.getDefaultMQProducerImpl().getMqClientFactory();
    String broker = producer.fetchPublishMessageQueues(topic).get(0).getBrokerName();
    instance.updateTopicRouteInfoFromNameServer(topic);
    String address = instance.findBrokerAddressInPublish(broker);
    return new RawPop(instance.getMQClientAPIImpl(), broker, address, group, topic);
  }

  /** Creates the group; members that ask the server then pop. */
  RawPop inPopMode(int maxRetries) throws Exception {
    SubscriptionGroupConfig config = new SubscriptionGroupConfig();
    config.setGroupName(group);
    config.setRetryMaxTimes(maxRetries);
    api.createSubscriptionGroup(address, config, TIMEOUT_MS);
    api.setMessageRequestMode(address, topic, group, MessageRequestMode.POP, 0, TIMEOUT_MS);
    return this;
  }

  List<MessageExt> pop(int max, long invisibleMs, long pollMs) throws Exception {
    return send(request(max, invisibleMs, pollMs));
  }

  List<MessageExt> popInOrder(int max, long invisibleMs, String attemptId) throws Exception {
    PopMessageRequestHeader header = request(max, invisibleMs, 0);
    header.setOrder(true);
    header.setAttemptId(attemptId);
    header.setQueueId(0);
    return send(header);
  }

  private PopMessageRequestHeader request(int max, long invisibleMs, long pollMs) {
    PopMessageRequestHeader header = new PopMessageRequestHeader();
    header.setConsumerGroup(group);
    header.setTopic(topic);
    header.setQueueId(-1);
    header.setMaxMsgNums(max);
    header.setInvisibleTime(invisibleMs);
    header.setPollTime(pollMs);
    header.setBornTime(1);
    header.setInitMode(0);
    header.setExpType("TAG");
    header.setExp("*");
    return header;
  }

  private List<MessageExt> send(PopMessageRequestHeader header) throws Exception {
    CompletableFuture<List<MessageExt>> answer = new CompletableFuture<>();
    api.popMessageAsync(
        broker,
        address,
        header,
        TIMEOUT_MS + header.getPollTime(),
        new PopCallback() {
          @Override
          public void onSuccess(PopResult result) {
            List<MessageExt> found = result.getMsgFoundList();
            answer.complete(found == null ? List.of() : found);
          }

          @Override
          public void onException(Throwable failure) {
            answer.completeExceptionally(failure);
          }
        });
    return answer.get(2 * TIMEOUT_MS, TimeUnit.MILLISECONDS);
  }

  boolean ack(MessageExt message) throws Exception {
    AckMessageRequestHeader header = new AckMessageRequestHeader();
    header.setConsumerGroup(group);
    header.setTopic(topic);
    header.setQueueId(message.getQueueId());
    header.setOffset(message.getQueueOffset());
    header.setExtraInfo(handle(message));
    Answer answer = new Answer();
    api.ackMessageAsync(address, TIMEOUT_MS, answer, header);
    return answer.done();
  }

  boolean ackTogether(List<MessageExt> messages) throws Exception {
    Answer answer = new Answer();
    api.batchAckMessageAsync(
        address, TIMEOUT_MS, answer, topic, group, messages.stream().map(RawPop::handle).toList());
    return answer.done();
  }

  /** Another end; the message has the new handle then. */
  boolean change(MessageExt message, long invisibleMs) throws Exception {
    ChangeInvisibleTimeRequestHeader header = new ChangeInvisibleTimeRequestHeader();
    header.setConsumerGroup(group);
    header.setTopic(topic);
    header.setQueueId(message.getQueueId());
    header.setOffset(message.getQueueOffset());
    header.setExtraInfo(handle(message));
    header.setInvisibleTime(invisibleMs);
    Answer answer = new Answer();
    api.changeInvisibleTimeAsync(broker, address, header, TIMEOUT_MS, answer);
    boolean done = answer.done();
    if (done) {
      message.getProperties().put(MessageConst.PROPERTY_POP_CK, answer.result().getExtraInfo());
    }
    return done;
  }

  private static String handle(MessageExt message) {
    String handle = message.getProperty(MessageConst.PROPERTY_POP_CK);
    if (ExtraInfoUtil.getQueueOffset(ExtraInfoUtil.split(handle)) != message.getQueueOffset()) {
      throw new AssertionError("handle " + handle + " of " + message);
    }
    return handle;
  }

  private static final class Answer implements AckCallback {
    private final CompletableFuture<AckResult> result = new CompletableFuture<>();

    @Override
    public void onSuccess(AckResult ackResult) {
      result.complete(ackResult);
    }

    @Override
    public void onException(Throwable failure) {
      result.completeExceptionally(failure);
    }

    AckResult result() throws Exception {
      return result.get(2 * TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    boolean done() throws Exception {
      return result().getStatus() == AckStatus.OK;
    }
  }
}
