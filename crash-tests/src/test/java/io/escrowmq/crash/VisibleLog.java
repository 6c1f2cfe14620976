package io.escrowmq.crash;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Reads every queue of some topics from its beginning and remembers what stood where. One thread.
 */
@SuppressWarnings(
    "deprecation") // The classic pull consumer is the one that leaves offsets to the caller.
final class VisibleLog implements AutoCloseable {

  private final DefaultMQPullConsumer consumer;
  private final Map<String, List<Seen>> queues = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();

  /** A visible message. */
  record Seen(String key, int bodyHash, long bornMs, long storedMs) {}

  VisibleLog(String nameServer, String name) throws MQClientException {
    consumer = new DefaultMQPullConsumer("crash-reader-" + name);
    consumer.setNamesrvAddr(nameServer);
    consumer.setInstanceName(name + "-" + System.nanoTime());
    consumer.setPollNameServerInterval(1000);
    // Only topics that it knows of get their routes refreshed.
    consumer.setRegisterTopics(Set.of(MixedLoad.PLAIN, MixedLoad.DELAYED, MixedLoad.TRANSACTIONAL));
    consumer.start();
  }

  /** Reads what is new in the topic; returns the number of messages. */
  int readMore(String topic) throws Exception {
    int count = 0;
    Set<MessageQueue> found = consumer.fetchSubscribeMessageQueues(topic);
    for (MessageQueue queue : found) {
      List<Seen> seen = queues.computeIfAbsent(name(queue), ignored -> new ArrayList<>());
      PullResult result = consumer.pull(queue, "*", seen.size(), 256);
      while (result.getPullStatus() == PullStatus.FOUND) {
        for (MessageExt message : result.getMsgFoundList()) {
          add(queue, seen, message);
          count++;
        }
        result = consumer.pull(queue, "*", seen.size(), 256);
      }
    }
    return count;
  }

  private static String name(MessageQueue queue) {
    return new Ledger.Address(queue.getTopic(), queue.getBrokerName(), queue.getQueueId(), 0)
        .queueName();
  }

  private void add(MessageQueue queue, List<Seen> seen, MessageExt message) {
    if (message.getQueueOffset() != seen.size()) {
      violations.add(
          "%s: offset %d follows %d".formatted(queue, message.getQueueOffset(), seen.size() - 1));
    }
    seen.add(
        new Seen(
            message.getKeys(),
            java.util.Arrays.hashCode(message.getBody()),
            message.getBornTimestamp(),
            message.getStoreTimestamp()));
  }

  /** Content by {@code topic/broker/queue}. */
  Map<String, List<Seen>> queues() {
    return queues;
  }

  /** Copies per key over all queues. */
  Map<String, Integer> copies() {
    Map<String, Integer> copies = new HashMap<>();
    queues
        .values()
        .forEach(list -> list.forEach(seen -> copies.merge(seen.key(), 1, Integer::sum)));
    return copies;
  }

  List<String> violations() {
    return violations;
  }

  @Override
  public void close() {
    Shutdown.start(consumer::shutdown);
  }
}
