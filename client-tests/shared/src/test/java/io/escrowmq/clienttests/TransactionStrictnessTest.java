package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A transaction has one decision, which is never reversed and is told to whoever asks. Apache
 * RocketMQ does not promise this; EscrowMQ does.
 */
@Tag("escrowmq-only")
final class TransactionStrictnessTest {
  private static final int SUCCESS = 0;
  private static final int NOT_FOUND = 1;

  /** Long enough for a message that should not appear to have appeared. */
  private static final Duration A_WHILE = Duration.ofSeconds(2);

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.shared();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void endCommitTwiceGivesOneVisibleCopy() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    HalfMessage half = HalfMessage.send(clients.producer(), message(topic, "once"));

    assertThat(half.end(Remoting.COMMIT)).satisfies(this::isSuccess);
    assertThat(half.end(Remoting.COMMIT)).satisfies(this::isSuccess);

    assertThat(Inbox.body(inbox.awaitOne())).isEqualTo("once");
    assertStays(topic, inbox, List.of("once"));
  }

  @Test
  void rollbackThenCommitStaysInvisibleAndIsAConflict() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    HalfMessage half = HalfMessage.send(clients.producer(), message(topic, "never"));

    assertThat(half.end(Remoting.ROLLBACK)).satisfies(this::isSuccess);
    assertThat(half.end(Remoting.ROLLBACK)).satisfies(this::isSuccess);
    assertThat(half.end(Remoting.COMMIT)).satisfies(answer -> isConflict(answer, "roll"));

    assertStays(topic, inbox, List.of());
  }

  @Test
  void commitThenRollbackStaysVisibleAndIsAConflict() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    HalfMessage half = HalfMessage.send(clients.producer(), message(topic, "for ever"));

    assertThat(half.end(Remoting.COMMIT)).satisfies(this::isSuccess);
    assertThat(half.end(Remoting.ROLLBACK)).satisfies(answer -> isConflict(answer, "commit"));

    assertThat(Inbox.body(inbox.awaitOne())).isEqualTo("for ever");
    assertStays(topic, inbox, List.of("for ever"));
  }

  @Test
  void anUnknownTransactionIsNotFound() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    HalfMessage half = HalfMessage.send(clients.producer(), message(topic, "known"));

    for (int decision : new int[] {Remoting.COMMIT, Remoting.ROLLBACK}) {
      RemotingCommand answer = half.end(decision, 7);
      assertThat(answer.getCode()).as("code, remark: %s", answer.getRemark()).isEqualTo(NOT_FOUND);
      assertThat(answer.getRemark()).isNotBlank();
    }

    assertStays(topic, inbox, List.of());
    assertThat(half.end(Remoting.COMMIT)).satisfies(this::isSuccess);
    inbox.awaitExactly(List.of("marker", "known"));
  }

  @Test
  void anotherGroupCannotDecide() throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer stranger = clients.start(new DefaultMQProducer(clients.name("strangers")));
    HalfMessage half = HalfMessage.send(clients.producer(), message(topic, "mine"));

    RemotingCommand answer = half.endAs(stranger.getProducerGroup(), Remoting.COMMIT);

    assertThat(answer.getCode()).as("code, remark: %s", answer.getRemark()).isNotEqualTo(SUCCESS);
    assertThat(half.end(Remoting.ROLLBACK)).satisfies(this::isSuccess);
  }

  @Test
  void whenManyDecideAtOnceOneWinsAndAllHearTheSame() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    List<String> visible = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        HalfMessage half = HalfMessage.send(clients.producer(), message(topic, "m" + round));
        List<Future<RemotingCommand>> commits = new ArrayList<>();
        List<Future<RemotingCommand>> rollbacks = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          commits.add(threads.submit((Callable<RemotingCommand>) () -> half.end(Remoting.COMMIT)));
          rollbacks.add(
              threads.submit((Callable<RemotingCommand>) () -> half.end(Remoting.ROLLBACK)));
        }
        boolean committed = successes(commits) == 2;
        assertThat(successes(commits)).as("commits that were told: yes").isIn(0, 2);
        assertThat(successes(rollbacks))
            .as("rollbacks that were told: yes")
            .isEqualTo(committed ? 0 : 2);
        if (committed) {
          visible.add("m" + round);
        }
      }
    } finally {
      threads.shutdown();
    }
    inbox.awaitExactly(visible);
    assertStays(topic, inbox, visible);
  }

  private static int successes(List<Future<RemotingCommand>> answers) throws Exception {
    int successes = 0;
    for (Future<RemotingCommand> answer : answers) {
      successes += answer.get().getCode() == SUCCESS ? 1 : 0;
    }
    return successes;
  }

  private void isSuccess(RemotingCommand answer) {
    assertThat(answer.getCode()).as("code, remark: %s", answer.getRemark()).isEqualTo(SUCCESS);
  }

  private void isConflict(RemotingCommand answer, String recorded) {
    assertThat(answer.getCode()).as("code, remark: %s", answer.getRemark()).isNotEqualTo(SUCCESS);
    assertThat(String.valueOf(answer.getRemark()).toLowerCase(Locale.ROOT)).contains(recorded);
  }

  /** Nothing else appears for a while, and a message sent now is the next one of the queue. */
  private void assertStays(String topic, Inbox inbox, List<String> bodies) throws Exception {
    await()
        .during(A_WHILE)
        .atMost(A_WHILE.multipliedBy(5))
        .untilAsserted(
            () -> assertThat(inbox.bodies()).containsExactlyInAnyOrderElementsOf(bodies));
    assertThat(clients.producer().send(message(topic, "marker")).getQueueOffset())
        .isEqualTo(bodies.size());
    inbox.awaitAtLeast(bodies.size() + 1);
    assertThat(inbox.bodies()).hasSize(bodies.size() + 1).contains("marker");
  }
}
