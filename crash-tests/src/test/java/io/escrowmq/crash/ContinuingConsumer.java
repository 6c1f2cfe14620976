package io.escrowmq.crash;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A push consumer that remembers, for each broker, when the newest message was born that it got
 * from there. It asks the name server and greets the brokers every second instead of every half
 * minute: the official client learns a new address no other way.
 */
final class ContinuingConsumer implements AutoCloseable, MessageListenerConcurrently {

  private final DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("crash-continuing");
  private final Map<String, Long> newestBornMs = new ConcurrentHashMap<>();
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final AtomicLong again = new AtomicLong();

  ContinuingConsumer(String nameServers) throws MQClientException {
    consumer.setNamesrvAddr(nameServers);
    consumer.setInstanceName("continuing-" + System.nanoTime());
    consumer.setPollNameServerInterval(1000);
    consumer.setHeartbeatBrokerInterval(1000);
    consumer.subscribe(MixedLoad.PLAIN, "*");
    consumer.setMessageListener(this);
    consumer.start();
  }

  @Override
  public ConsumeConcurrentlyStatus consumeMessage(
      List<MessageExt> messages, ConsumeConcurrentlyContext context) {
    for (MessageExt message : messages) {
      newestBornMs.merge(
          context.getMessageQueue().getBrokerName(), message.getBornTimestamp(), Math::max);
      if (!seen.add(message.getKeys())) {
        again.incrementAndGet();
      }
    }
    return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
  }

  /** From how many brokers something came that was sent after this moment. */
  int brokersSince(long momentMs) {
    return (int) newestBornMs.values().stream().filter(bornMs -> bornMs > momentMs).count();
  }

  /** Broker names with the birth of the newest message, for people. */
  String state() {
    return newestBornMs.toString();
  }

  /** Different messages. */
  long consumed() {
    return seen.size();
  }

  /** Messages that had come before. */
  long again() {
    return again.get();
  }

  @Override
  public void close() {
    Shutdown.start(consumer::shutdown);
  }
}
