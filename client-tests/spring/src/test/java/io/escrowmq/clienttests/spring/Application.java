package io.escrowmq.clienttests.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.spring.annotation.ConsumeMode;
import org.apache.rocketmq.spring.annotation.MessageModel;
import org.apache.rocketmq.spring.annotation.RocketMQMessageListener;
import org.apache.rocketmq.spring.annotation.RocketMQTransactionListener;
import org.apache.rocketmq.spring.annotation.SelectorType;
import org.apache.rocketmq.spring.core.RocketMQListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionState;
import org.apache.rocketmq.spring.core.RocketMQReplyListener;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.messaging.Message;

/** An application as its users write them: listeners by annotation, names from properties. */
@SpringBootApplication
class Application {

  /** What is on the wire. */
  record Order(String id, int amount) {}

  /** What the listeners heard, by the property that names their topic. */
  static final class Heard {
    private final Map<String, List<Object>> byListener = new ConcurrentHashMap<>();

    void add(String listener, Object what) {
      of(listener).add(what);
    }

    List<Object> of(String listener) {
      return byListener.computeIfAbsent(listener, key -> new CopyOnWriteArrayList<>());
    }
  }

  @Bean
  Heard heard() {
    return new Heard();
  }

  @Bean
  Orders orders(Heard heard) {
    return new Orders(heard);
  }

  @Bean
  Tagged tagged(Heard heard) {
    return new Tagged(heard);
  }

  @Bean
  Filtered filtered(Heard heard) {
    return new Filtered(heard);
  }

  @Bean
  Told told(Heard heard) {
    return new Told(heard);
  }

  @Bean
  ToldToo toldToo(Heard heard) {
    return new ToldToo(heard);
  }

  @Bean
  InOrder inOrder(Heard heard) {
    return new InOrder(heard);
  }

  @Bean
  Flaky flaky(Heard heard) {
    return new Flaky(heard);
  }

  @Bean
  Answers answers() {
    return new Answers();
  }

  /** Objects as JSON. */
  @RocketMQMessageListener(topic = "${test.orders}", consumerGroup = "${test.orders}-group")
  record Orders(Heard heard) implements RocketMQListener<Order> {
    @Override
    public void onMessage(Order order) {
      heard.add("orders", order);
    }
  }

  /** Only some tags. */
  @RocketMQMessageListener(
      topic = "${test.tagged}",
      consumerGroup = "${test.tagged}-group",
      selectorType = SelectorType.TAG,
      selectorExpression = "red || blue")
  record Tagged(Heard heard) implements RocketMQListener<String> {
    @Override
    public void onMessage(String text) {
      heard.add("tagged", text);
    }
  }

  /** Only some values of a property. */
  @RocketMQMessageListener(
      topic = "${test.filtered}",
      consumerGroup = "${test.filtered}-group",
      selectorType = SelectorType.SQL92,
      selectorExpression = "amount > 10")
  record Filtered(Heard heard) implements RocketMQListener<String> {
    @Override
    public void onMessage(String text) {
      heard.add("filtered", text);
    }
  }

  /** One of two that get everything. */
  @RocketMQMessageListener(
      topic = "${test.told}",
      consumerGroup = "${test.told}-group",
      instanceName = "one",
      messageModel = MessageModel.BROADCASTING)
  record Told(Heard heard) implements RocketMQListener<String> {
    @Override
    public void onMessage(String text) {
      heard.add("told", text);
    }
  }

  /** The other one. */
  @RocketMQMessageListener(
      topic = "${test.told}",
      consumerGroup = "${test.told}-group",
      instanceName = "two",
      messageModel = MessageModel.BROADCASTING)
  record ToldToo(Heard heard) implements RocketMQListener<String> {
    @Override
    public void onMessage(String text) {
      heard.add("told too", text);
    }
  }

  /** One thread per queue. */
  @RocketMQMessageListener(
      topic = "${test.ordered}",
      consumerGroup = "${test.ordered}-group",
      consumeMode = ConsumeMode.ORDERLY)
  record InOrder(Heard heard) implements RocketMQListener<String> {
    @Override
    public void onMessage(String text) {
      heard.add("ordered", text);
    }
  }

  /** Fails the first time. */
  @RocketMQMessageListener(
      topic = "${test.flaky}",
      consumerGroup = "${test.flaky}-group",
      delayLevelWhenNextConsume = 1)
  record Flaky(Heard heard) implements RocketMQListener<MessageExt> {
    @Override
    public void onMessage(MessageExt message) {
      heard.add("flaky", message.getReconsumeTimes());
      if (message.getReconsumeTimes() == 0) {
        throw new IllegalStateException("not this time");
      }
    }
  }

  /** The answering side of request-reply. */
  @RocketMQMessageListener(topic = "${test.asked}", consumerGroup = "${test.asked}-group")
  static final class Answers implements RocketMQReplyListener<String, String> {
    @Override
    public String onMessage(String question) {
      return "answer to " + question;
    }
  }

  /** The argument says what becomes of the transaction. Its annotation makes it a bean. */
  @RocketMQTransactionListener
  @SuppressWarnings("rawtypes") // the interface says so
  record Transfers(Heard heard) implements RocketMQLocalTransactionListener {
    @Override
    public RocketMQLocalTransactionState executeLocalTransaction(Message message, Object argument) {
      return (RocketMQLocalTransactionState) argument;
    }

    @Override
    public RocketMQLocalTransactionState checkLocalTransaction(Message message) {
      heard.add("checked", new String((byte[]) message.getPayload(), UTF_8));
      return RocketMQLocalTransactionState.COMMIT;
    }
  }
}
