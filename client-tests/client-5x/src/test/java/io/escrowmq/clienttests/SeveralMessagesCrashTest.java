package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.client.EscrowException;
import io.escrowmq.client.EscrowTransaction;
import io.escrowmq.client.EscrowTransactions;
import io.escrowmq.client.LocalOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A server that is killed between, and in the middle of, the steps of transactions. */
@Tag("escrowmq-only")
@Execution(ExecutionMode.SAME_THREAD)
final class SeveralMessagesCrashTest {
  private static final int MESSAGES = 3;

  @RegisterExtension static final ServerFixture SERVER = ServerFixture.own();

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aKillBetweenAddingAndDecidingLosesNothing() throws Exception {
    String topic = clients.topic(2);
    Inbox inbox = clients.inbox(topic);
    try (EscrowTransactions transactions = transactions(Map.of())) {
      EscrowTransaction committed = transactions.open(clients.name("key"));
      EscrowTransaction rolledBack = transactions.open(clients.name("key"));
      committed.send(message(topic, "one"));
      rolledBack.send(message(topic, "never"));
      SERVER.kill();
      SERVER.restart();
      committed.send(message(topic, "two"));
      rolledBack.send(message(topic, "never"));
      committed.commit();
      rolledBack.rollback();
      SERVER.kill();
      SERVER.restart();
      committed.commit();
      rolledBack.rollback();
    }
    inbox.awaitExactly(List.of("one", "two"));
  }

  @Test
  void killsUnderLoadTearNothing() throws Exception {
    String topic = clients.topic(2);
    Inbox inbox = clients.inbox(topic);
    Map<String, LocalOutcome> journal = new ConcurrentHashMap<>();
    CountDownLatch stop = new CountDownLatch(1);
    try (EscrowTransactions transactions = transactions(journal)) {
      List<Thread> senders = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String prefix = clients.name("s");
        senders.add(new Thread(() -> transferUntil(stop, transactions, topic, prefix, journal)));
      }
      senders.forEach(Thread::start);
      for (int kill = 0; kill < 2; kill++) {
        int before = journal.size();
        await().atMost(Inbox.PATIENCE).until(() -> journal.size() > before + 15);
        SERVER.kill();
        SERVER.restart();
      }
      int before = journal.size();
      await().atMost(Inbox.PATIENCE).until(() -> journal.size() > before + 15);
      stop.countDown();
      for (Thread sender : senders) {
        sender.join();
      }
      List<String> expected = new ArrayList<>();
      journal.forEach((key, outcome) -> {
        for (int i = 0; outcome == LocalOutcome.COMMIT && i < MESSAGES; i++) {
          expected.add(key + "/" + i);
        }
      });
      // Those whose end was lost are asked about; consumers may see what they had before a kill.
      await()
          .atMost(Inbox.PATIENCE)
          .untilAsserted(() ->
              assertThat(inbox.bodies().stream().distinct())
                  .containsExactlyInAnyOrderElementsOf(expected));
      assertThat(
              inbox.messages().stream()
                  .map(it -> it.getQueueId() + "-" + it.getQueueOffset())
                  .distinct()
                  .count())
          .as("one visible copy of each")
          .isEqualTo(expected.size());
    }
  }

  /** The journal stands for the business database: its entry is the local transaction. */
  private static void transferUntil(
      CountDownLatch stop,
      EscrowTransactions transactions,
      String topic,
      String prefix,
      Map<String, LocalOutcome> journal) {
    for (int n = 0; stop.getCount() > 0; n++) {
      String key = prefix + "-" + n;
      LocalOutcome outcome = n % 3 == 0 ? LocalOutcome.ROLLBACK : LocalOutcome.COMMIT;
      EscrowTransaction transaction = transactions.open(key);
      try {
        for (int i = 0; i < MESSAGES; i++) {
          transaction.send(message(topic, key + "/" + i));
        }
        // A check that was faster wrote the opposite.
        if (journal.putIfAbsent(key, outcome) != null || outcome == LocalOutcome.ROLLBACK) {
          transaction.rollback();
        } else if (n % 5 != 4) {
          transaction.commit();
        }
      } catch (EscrowException e) {
        // Not every message is known to be held: the local transaction does not happen.
        journal.putIfAbsent(key, LocalOutcome.ROLLBACK);
      }
    }
  }

  private EscrowTransactions transactions(Map<String, LocalOutcome> journal) throws Exception {
    return EscrowTransactions.builder(clients.name("group"), SERVER.nameServer())
        .instanceName(clients.name("instance"))
        .checkListener(key -> {
          LocalOutcome there = journal.putIfAbsent(key, LocalOutcome.ROLLBACK);
          return there == null ? LocalOutcome.ROLLBACK : there;
        })
        .timeouts(3_000, 20)
        .start();
  }
}
