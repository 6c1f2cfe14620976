package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ServerPush.CheckTransaction;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.tx.CheckChannel.Asked;
import io.escrowmq.tx.CheckChannel.Question;
import io.escrowmq.tx.Handle;
import io.escrowmq.tx.Randomness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which member of a group is asked about a transaction, and how often at most. */
final class ProducerGroupsTest {

  private static final String GROUP = "bank";
  private static final int SHARE = 10;

  private final ManualTimeSource time = new ManualTimeSource();
  private final ProducerGroups groups =
      new ProducerGroups(time, new Ids(Randomness.system()), SHARE);
  private final FakeConnection first = new FakeConnection("first");
  private final FakeConnection second = new FakeConnection("second");

  @Test
  void theSenderIsAskedWheneverItIsThere() {
    join(first, "c1");
    join(second, "c2");
    for (int i = 0; i < SHARE; i++) {
      assertThat(ask("c2", Optional.empty())).isEqualTo(new Asked.Written("c2"));
    }
    assertThat(first.pushes()).isEmpty();
    assertThat(second.pushes(CheckTransaction.class)).hasSize(SHARE);
  }

  @Test
  void withoutTheSenderTheOthersAreAskedInTurn() {
    join(first, "c1");
    join(second, "c2");
    for (int i = 0; i < SHARE; i++) {
      assertThat(ask("gone", Optional.empty())).isInstanceOf(Asked.Written.class);
    }
    assertThat(first.pushes()).hasSize(SHARE / 2);
    assertThat(second.pushes()).hasSize(SHARE / 2);
  }

  @Test
  void whoDidNotAnswerIsAskedOnlyIfNobodyElseIsThere() {
    join(first, "c1");
    join(second, "c2");
    assertThat(ask("c1", Optional.of("c1"))).isEqualTo(new Asked.Written("c2"));
    groups.leaveAll(second);
    assertThat(ask("c1", Optional.of("c1"))).isEqualTo(new Asked.Written("c1"));
    first.close();
    assertThat(ask("c1", Optional.of("c1"))).isEqualTo(new Asked.NotWritten());
    assertThat(groups.reachable(GROUP)).isFalse();
  }

  @Test
  void aClientOnAConnectionHasItsShareOfASecond() {
    join(first, "c1");
    assertThat(askOften(SHARE)).containsOnly(new Asked.Written("c1"));
    assertThat(ask("c1", Optional.empty()))
        .as("not counted as a question that nobody got")
        .isEqualTo(new Asked.Busy());
    time.advance(Duration.ofMillis(1000 / SHARE));
    assertThat(ask("c1", Optional.empty())).isEqualTo(new Asked.Written("c1"));
    assertThat(ask("c1", Optional.empty())).isEqualTo(new Asked.Busy());

    time.advance(Duration.ofHours(1));
    assertThat(askOften(SHARE + 1)).as("nothing is saved up").endsWith(new Asked.Busy());
    assertThat(first.pushes()).hasSize(2 * SHARE + 1);
    time.stepWallTo(time.nowMs() - Duration.ofHours(1).toMillis());
    assertThat(ask("c1", Optional.empty())).isEqualTo(new Asked.Busy());
    time.advance(Duration.ofSeconds(1));
    assertThat(ask("c1", Optional.empty())).isEqualTo(new Asked.Written("c1"));
  }

  @Test
  void whoHadItsShareLeavesTheQuestionToTheOthersAndOtherGroupsShareIt() {
    join(first, "c1");
    join(second, "c2");
    askOften(SHARE);
    assertThat(ask("c1", Optional.empty())).isEqualTo(new Asked.Written("c2"));
    groups.join(new Membership(first, "c1"), "other");
    assertThat(ask("other", "c1", Optional.empty()))
        .as("the same client on the same connection, in another group")
        .isEqualTo(new Asked.Busy());
  }

  private void join(FakeConnection connection, String clientId) {
    groups.join(new Membership(connection, clientId), GROUP);
  }

  private List<Asked> askOften(int times) {
    return IntStream.range(0, times).mapToObj(_ -> ask("c1", Optional.empty())).toList();
  }

  private Asked ask(String sender, Optional<String> avoid) {
    return ask(GROUP, sender, avoid);
  }

  private Asked ask(String group, String sender, Optional<String> avoid) {
    return groups
        .ask(
            new Question(
                new Handle(1, 2),
                group,
                SampleMessages.message(new QueueId("t", 0), "half"),
                1,
                sender,
                avoid))
        .toCompletableFuture()
        .join();
  }
}
