package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static io.escrowmq.clienttests.SendTest.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages that are out when the server is killed are still out after it, and nothing else is. */
@Tag("escrowmq-only")
final class PopCrashTest {
  private static final long MINUTE = 60_000;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.own();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aKillForgetsNoAcknowledgementAndNoLease() throws Exception {
    String topic = clients.topic(1);
    RawPop member = RawPop.of(clients.producer(), clients.name("pop"), topic).inPopMode(16);
    RawPop ordered = RawPop.of(clients.producer(), clients.name("pop"), topic).inPopMode(16);
    List<String> bodies = numbered("m", 20);
    for (String body : bodies) {
      clients.producer().send(message(topic, body));
    }
    List<MessageExt> kept = member.pop(5, 10 * MINUTE, 0);
    List<MessageExt> lost = member.pop(10, 2_000, 0);
    assertThat(lost).hasSize(10);
    for (MessageExt message : lost.subList(0, 5)) {
      assertThat(member.ack(message)).isTrue();
    }
    assertThat(ordered.popInOrder(3, 10 * MINUTE, "before")).hasSize(3);

    SERVER.kill();
    SERVER.restart();

    List<String> again = new ArrayList<>();
    await()
        .atMost(Inbox.PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          member.pop(32, 10 * MINUTE, 0).forEach(message -> again.add(Inbox.body(message)));
          return again.size() >= 10;
        });
    List<String> expected = new ArrayList<>(bodies.subList(10, 20));
    assertThat(again).containsExactlyInAnyOrderElementsOf(expected);
    // Handles from before count; the ordered group waits for its batch, which its own attempt gets.
    for (MessageExt message : kept) {
      assertThat(member.ack(message)).isTrue();
    }
    assertThat(ordered.popInOrder(3, MINUTE, "other")).isEmpty();
    assertThat(ordered.popInOrder(3, MINUTE, "before"))
        .extracting(Inbox::body)
        .containsExactly("m0", "m1", "m2");
  }
}
