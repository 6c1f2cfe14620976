package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.WireClient.Received;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Queues that change hands, as the requests of clients tell it. */
final class HandoverRequestsTest {

  private static final Map<String, String> QUEUE =
      Map.of("consumerGroup", "g", "topic", "T", "queueId", "1", "commitOffset", "41");

  @Test
  void theBrokerHearsWhatMembersAskAndCommit() throws IOException {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client()) {
      heartbeat(client);
      client.call(38, Map.of("consumerGroup", "g"));
      client.call(15, QUEUE);
      assertThat(client.call(14, QUEUE).field("offset")).isEqualTo("41");
      assertThat(fixture.broker.handover.heard)
          .containsExactly("member shares g", "member commits g 1", "member asks g 1");
    }
  }

  @Test
  void aQuestionThatWaitsHoldsUpNothingElseOfItsConnection() throws IOException {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client()) {
      heartbeat(client);
      CompletableFuture<Void> turn = new CompletableFuture<>();
      fixture.broker.handover.turn = turn;
      int question = client.tell(14, false, QUEUE, new byte[0]);
      assertThat(client.call(15, QUEUE).code()).isZero();
      heartbeat(client);
      turn.complete(null);
      Received answer = client.receive();
      assertThat(answer.command().opaque()).isEqualTo(question);
      // Read when its turn came, not when it was asked.
      assertThat(answer.field("offset")).isEqualTo("41");
    }
  }

  private static void heartbeat(WireClient client) throws IOException {
    byte[] body = "{\"clientID\":\"member\",\"consumerDataSet\":[]}".getBytes(UTF_8);
    assertThat(client.call(34, Map.of(), body).code()).isZero();
  }
}
