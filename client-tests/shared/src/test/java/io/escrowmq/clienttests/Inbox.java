package io.escrowmq.clienttests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;

/** What a consumer has received, in order of arrival. Safe for use by many threads. */
final class Inbox implements MessageListenerConcurrently {
  /**
   * How long anything may take that should happen at once, on a machine that does other things too.
   */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<MessageExt> messages = new ArrayList<>();

  @Override
  public ConsumeConcurrentlyStatus consumeMessage(
      List<MessageExt> batch, ConsumeConcurrentlyContext context) {
    batch.forEach(this::add);
    return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
  }

  synchronized void add(MessageExt message) {
    messages.add(message);
  }

  synchronized List<MessageExt> messages() {
    return List.copyOf(messages);
  }

  List<String> bodies() {
    return messages().stream().map(Inbox::body).toList();
  }

  static String body(MessageExt message) {
    return new String(message.getBody(), UTF_8);
  }

  /** Waits until these bodies, and no others, have arrived, each once, in any order. */
  void awaitExactly(Collection<String> bodies) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(bodies()).containsExactlyInAnyOrderElementsOf(bodies));
  }

  /** Waits for the only message and gives it. */
  MessageExt awaitOne() {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(messages()).hasSize(1));
    return messages().get(0);
  }

  /** Waits until at least this many messages have arrived. */
  List<MessageExt> awaitAtLeast(int count) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(messages()).hasSizeGreaterThanOrEqualTo(count));
    return messages();
  }
}
