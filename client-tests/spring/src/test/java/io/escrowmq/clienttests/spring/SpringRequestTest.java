package io.escrowmq.clienttests.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.spring.core.RocketMQLocalRequestCallback;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The template's request and reply, with the client 5.5.0 in the place of the one that the starter
 * brings (see {@link SpringStarterTest#questionsAreAnswered()}).
 */
final class SpringRequestTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long TIMEOUT_MS = 20_000;

  private static RunningApplication running;
  private static RocketMQTemplate template;

  @BeforeAll
  static void start() throws IOException {
    running = RunningApplication.start();
    template = running.template();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void theClientIsTheOneWhereItWorks() {
    assertThat(MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION)).isEqualTo("V5_5_0");
  }

  @Test
  void aQuestionWaitsForItsAnswer() {
    String answer =
        template.sendAndReceive(running.topic("asked"), "question", String.class, TIMEOUT_MS);
    assertThat(answer).isEqualTo("answer to question");
  }

  @Test
  void aQuestionInOrderWaitsForItsAnswer() {
    String answer =
        template.sendAndReceive(
            running.topic("asked"), "ordered", String.class, "the key", TIMEOUT_MS);
    assertThat(answer).isEqualTo("answer to ordered");
  }

  @Test
  void anAnswerComesToACallback() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    template.sendAndReceive(
        running.topic("asked"),
        "later",
        new RocketMQLocalRequestCallback<String>() {
          @Override
          public void onSuccess(String text) {
            answer.complete(text);
          }

          @Override
          public void onException(Throwable failure) {
            answer.completeExceptionally(failure);
          }
        },
        TIMEOUT_MS);
    assertThat(answer).succeedsWithin(PATIENCE).isEqualTo("answer to later");
  }
}
