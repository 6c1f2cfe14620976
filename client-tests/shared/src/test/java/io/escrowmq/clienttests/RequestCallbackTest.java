package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.Message;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A producer that is called with the answer to its message. */
final class RequestCallbackTest {
  private static final long TIMEOUT_MS = 30_000;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void everyAnswerComesBackToItsRequest() throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer replier = clients.start(new DefaultMQProducer(clients.name("repliers")));
    RequestReplyTest.startReplying(clients, topic, replier);

    for (String question : List.of("one", "two", "three")) {
      List<String> answers = new CopyOnWriteArrayList<>();
      clients
          .producer()
          .request(
              message(topic, question),
              new RequestCallback() {
                @Override
                public void onSuccess(@Nullable Message answer) {
                  // The line 5.3 also calls, without a message, as soon as the question is sent.
                  if (answer != null) {
                    answers.add(new String(answer.getBody(), UTF_8));
                  }
                }

                @Override
                public void onException(Throwable failure) {
                  answers.add("failed: " + failure);
                }
              },
              TIMEOUT_MS);
      await().atMost(Inbox.PATIENCE).until(() -> !answers.isEmpty());
      if (tellsQuickAnswersTwice()) {
        assertThat(answers).containsOnly("answer to " + question);
      } else {
        assertThat(answers).containsExactly("answer to " + question);
      }
    }
  }

  /** The call of the line 5.3 when the question is sent carries the answer if that was quicker. */
  private static boolean tellsQuickAnswersTwice() {
    return MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION).startsWith("V5_3_");
  }
}
