package io.escrowmq.migration;

import io.escrowmq.server.process.ServerProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.ResponseCode;

/** A server on a migrated store, and the applications that come over to it. */
final class NewServer implements AutoCloseable {

  private final ServerProcess process;
  private final List<DefaultMQPushConsumer> consumers = new ArrayList<>();

  NewServer(Path data, String storage, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("--escrowmq.storage.type=" + storage);
    process = ServerProcess.start(data, all.toArray(String[]::new));
  }

  String nameServer() {
    return process.nameServer();
  }

  /** Bodies that the group gets, as they come. */
  List<MessageExt> consume(String group, String topic) throws Exception {
    List<MessageExt> got = new CopyOnWriteArrayList<>();
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
    consumer.setNamesrvAddr(nameServer());
    consumer.setInstanceName("new-" + group + "-" + topic);
    consumer.setMqClientApiTimeout(30_000);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              got.addAll(messages);
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    consumer.start();
    consumers.add(consumer);
    return got;
  }

  static List<String> bodies(List<MessageExt> messages) {
    return messages.stream()
        .map(message -> new String(message.getBody(), StandardCharsets.UTF_8))
        .sorted()
        .toList();
  }

  List<MessageExt> byKey(String topic, String key) throws Exception {
    DefaultMQProducer producer = new DefaultMQProducer("query");
    producer.setNamesrvAddr(nameServer());
    producer.setInstanceName("query-" + key);
    producer.start();
    try {
      QueryResult result = producer.queryMessage(topic, key, 10, 0, Long.MAX_VALUE);
      return result.getMessageList();
    } catch (MQClientException e) {
      if (e.getResponseCode() == ResponseCode.NO_MESSAGE) {
        return List.of();
      }
      throw e;
    } finally {
      Thread.ofVirtual().start(producer::shutdown);
    }
  }

  void stop() {
    // In the background: each waits three seconds for a thread of its own.
    consumers.forEach(consumer -> Thread.ofVirtual().start(consumer::shutdown));
    consumers.clear();
    process.stop();
  }

  @Override
  public void close() {
    stop();
    process.close();
  }
}
