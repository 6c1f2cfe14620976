package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.BranchSettings.Side;
import io.escrowmq.crash.bank.Evidence.Visible;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Reads every queue of the bank's topics from its beginning. One thread. */
@SuppressWarnings(
    "deprecation") // The classic pull consumer is the one that leaves offsets to the caller.
final class TopicReader implements AutoCloseable {

  static final Set<String> TOPICS = Set.of(Side.A.topic(), Side.B.topic(), BranchSettings.LIES);

  private final DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("bank-auditor");
  private final Map<MessageQueue, Long> next = new TreeMap<>();
  private final List<Visible> visible = new ArrayList<>();

  TopicReader(String nameServer) throws MQClientException {
    consumer.setNamesrvAddr(nameServer);
    consumer.setInstanceName("auditor-" + System.nanoTime());
    consumer.setPollNameServerInterval(1000);
    // Only topics that it knows of get their routes refreshed.
    consumer.setRegisterTopics(TOPICS);
    consumer.start();
  }

  /** Everything read so far. */
  List<Visible> visible() {
    return visible;
  }

  /** Reads what is new in all topics, to the end of each queue. */
  List<Visible> readMore() throws Exception {
    int before = visible.size();
    for (String topic : TOPICS) {
      for (MessageQueue queue : consumer.fetchSubscribeMessageQueues(topic)) {
        readMore(queue);
      }
    }
    return List.copyOf(visible.subList(before, visible.size()));
  }

  private void readMore(MessageQueue queue) throws Exception {
    while (true) {
      PullResult result = consumer.pull(queue, "*", next.getOrDefault(queue, 0L), 256);
      if (result.getPullStatus() != PullStatus.FOUND) {
        return;
      }
      for (MessageExt message : result.getMsgFoundList()) {
        visible.add(
            new Visible(
                message.getProperty(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX),
                message.getKeys(),
                message.getTopic(),
                queue.getBrokerName() + "-" + queue.getQueueId(),
                message.getQueueOffset(),
                message.getStoreTimestamp()));
      }
      next.put(queue, result.getNextBeginOffset());
    }
  }

  @Override
  public void close() {
    consumer.shutdown();
  }
}
