package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.QueueHandover;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.QueueId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HandoverTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final QueueId OTHER = new QueueId("orders", 1);
  private static final Duration PATIENCE = Handover.PATIENCE;

  private final BrokerFixture fixture = BrokerFixture.withDefaults();
  private final FakeConnection one = new FakeConnection("one");
  private final FakeConnection two = new FakeConnection("two");
  private final FakeConnection three = new FakeConnection("three");

  @BeforeEach
  void oneMemberHasTheQueues() {
    fixture.topic("orders", 2);
    join(one, "old");
    fixture.pass(Duration.ofMinutes(1));
    pull(one, "old", QUEUE);
    pull(one, "old", OTHER);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void waitsForTheLastWordOfTheFormerOwner() {
    join(two, "new");
    CompletableFuture<Void> turn = ask("new", QUEUE);
    CompletableFuture<Void> other = ask("new", OTHER);
    // Its regular commit, before it knows of anything.
    handover().committed("g", "old", QUEUE);
    assertThat(turn).isNotDone();
    handover().shares("g", "old");
    assertThat(turn).isNotDone();
    handover().committed("g", "old", QUEUE);
    assertThat(turn).isCompleted();
    assertThat(other).isNotDone();
    handover().committed("g", "old", OTHER);
    assertThat(other).isCompleted();
  }

  @Test
  void doesNotWaitIfTheFormerOwnerWasFaster() {
    join(two, "new");
    handover().shares("g", "old");
    handover().committed("g", "old", QUEUE);
    assertThat(ask("new", QUEUE)).isCompleted();
  }

  @Test
  void waitsIfTheOwnerWentOnAfterItsCommit() {
    join(two, "new");
    handover().shares("g", "old");
    handover().committed("g", "old", QUEUE);
    pull(one, "old", QUEUE);
    join(three, "newer");
    assertThat(ask("newer", QUEUE)).isNotDone();
  }

  @Test
  void asksForTheMembersOfTheTimeBeforeTheChangeDoNotCount() {
    handover().shares("g", "old");
    join(two, "new");
    CompletableFuture<Void> turn = ask("new", QUEUE);
    handover().committed("g", "old", QUEUE);
    assertThat(turn).isNotDone();
  }

  @Test
  void waitsNoLongerThanItsPatienceSinceTheChange() {
    join(two, "new");
    fixture.pass(Duration.ofMillis(500));
    CompletableFuture<Void> turn = ask("new", QUEUE);
    fixture.pass(PATIENCE.minusMillis(501));
    assertThat(turn).isNotDone();
    fixture.pass(Duration.ofMillis(1));
    assertThat(turn).isCompleted();
    // From then on the queue is its own.
    join(three, "newer");
    handover().shares("g", "old");
    handover().committed("g", "old", QUEUE);
    CompletableFuture<Void> next = ask("newer", QUEUE);
    assertThat(next).isNotDone();
    handover().shares("g", "new");
    handover().committed("g", "new", QUEUE);
    assertThat(next).isCompleted();
  }

  @Test
  void asksLaterThanThatAreAnsweredAtOnce() {
    join(two, "new");
    fixture.pass(PATIENCE);
    assertThat(ask("new", QUEUE)).isCompleted();
  }

  @Test
  void doesNotWaitForWhoeverLeft() {
    join(two, "new");
    CompletableFuture<Void> turn = ask("new", QUEUE);
    fixture.broker.groups().unregister(one, "old", "", "g");
    assertThat(turn).isCompleted();
  }

  @Test
  void doesNotWaitForAConnectionThatClosed() {
    join(two, "new");
    CompletableFuture<Void> turn = ask("new", QUEUE);
    one.close();
    fixture.broker.groups().connectionClosed(one);
    assertThat(turn).isCompleted();
  }

  @Test
  void aClientWithASecondConnectionHasNotLeft() {
    join(three, "old");
    join(two, "new");
    CompletableFuture<Void> turn = ask("new", QUEUE);
    fixture.broker.groups().unregister(one, "old", "", "g");
    assertThat(turn).isNotDone();
    fixture.broker.groups().unregister(three, "old", "", "g");
    assertThat(turn).isCompleted();
  }

  @Test
  void nobodyElseWaits() {
    join(two, "new");
    assertThat(ask("a-tool", QUEUE)).isCompleted();
    assertThat(ask("", QUEUE)).isCompleted();
    assertThat(ask("old", QUEUE)).isCompleted();
    assertThat(ask("new", new QueueId("orders", 7))).isCompleted();
    assertThat(handover().turn("no-such-group", "new", QUEUE).toCompletableFuture()).isCompleted();
  }

  @Test
  void broadcastingMembersDoNotWait() {
    join(two, "listener", Heartbeat.MessageModel.BROADCASTING);
    assertThat(ask("listener", QUEUE)).isCompleted();
  }

  @Test
  void aClosingBrokerLetsEverybodyThrough() {
    join(two, "new");
    CompletableFuture<Void> turn = ask("new", QUEUE);
    fixture.broker.close();
    assertThat(turn).isCompleted();
  }

  @Test
  void aPullThatWasOvertakenByTheLastWordTakesNothingBack() {
    join(two, "new");
    pull(one, "old", QUEUE, 7);
    handover().shares("g", "old");
    fixture.broker.offsets().commit("g", QUEUE, 9);
    handover().committed("g", "old", QUEUE);
    pull(one, "old", QUEUE, 8);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(9);
    pull(one, "old", QUEUE, 10);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(10);
    pull(two, "new", QUEUE, 3);
    assertThat(fixture.broker.offsets().committed("g", QUEUE, false)).hasValue(10);
  }

  @Test
  void keepsNothingOfQuestionsThatWereAnswered() {
    join(two, "new");
    int before = fixture.scheduler.pending();
    CompletableFuture<Void> _ = ask("new", QUEUE);
    assertThat(fixture.scheduler.pending()).isEqualTo(before + 1);
    handover().shares("g", "old");
    handover().committed("g", "old", QUEUE);
    assertThat(fixture.scheduler.pending()).isEqualTo(before);
    assertThat(fixture.broker.statistics()).containsEntry("waiting-handovers", 0L);
  }

  private QueueHandover handover() {
    return fixture.broker.consuming().handover();
  }

  private CompletableFuture<Void> ask(String clientId, QueueId queue) {
    return handover().turn("g", clientId, queue).toCompletableFuture();
  }

  private void join(FakeConnection connection, String clientId) {
    join(connection, clientId, Heartbeat.MessageModel.CLUSTERING);
  }

  private void join(FakeConnection connection, String clientId, Heartbeat.MessageModel model) {
    fixture
        .broker
        .groups()
        .heartbeat(
            connection,
            new Heartbeat(
                clientId,
                Set.of(),
                List.of(
                    new Heartbeat.Consumer(
                        "g",
                        Heartbeat.ConsumeType.PASSIVELY,
                        model,
                        Heartbeat.ConsumeFrom.LAST_OFFSET,
                        Set.of(new Subscription("orders", Subscription.TAG, "*", 1))))));
  }

  private void pull(FakeConnection connection, String clientId, QueueId queue) {
    pull(connection, clientId, queue, -1);
  }

  private void pull(FakeConnection connection, String clientId, QueueId queue, long commit) {
    fixture
        .pull(
            new PullRequest(
                connection,
                clientId,
                "g",
                queue,
                0,
                32,
                Integer.MAX_VALUE,
                commit < 0 ? OptionalLong.empty() : OptionalLong.of(commit),
                0,
                Optional.of(new Subscription("orders", Subscription.TAG, "*", 1)),
                0))
        .toCompletableFuture()
        .join()
        .close();
  }
}
