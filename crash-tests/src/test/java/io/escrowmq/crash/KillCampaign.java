package io.escrowmq.crash;

import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/**
 * Kills a server with SIGKILL at random moments of a mixed load and checks, during and after, what
 * was promised: nothing acknowledged is lost, nothing undecided is visible, no decision is
 * reversed, offsets are dense, and what stood at an offset stays there.
 */
final class KillCampaign {

  private static final List<String> TOPICS =
      List.of(MixedLoad.PLAIN, MixedLoad.DELAYED, MixedLoad.TRANSACTIONAL);

  private final Path directory;
  private final String storage;
  private final int kills;
  private final long seed;
  private final Ledger ledger = new Ledger();
  private final List<String> violations = new ArrayList<>();
  private final AtomicLong failedReads = new AtomicLong();

  KillCampaign(Path directory, String storage, int kills, long seed) {
    this.storage = storage;
    this.directory = directory;
    this.kills = kills;
    this.seed = seed;
  }

  /** Runs the campaign; returns every violation found. */
  List<String> run() throws Exception {
    System.out.printf("kill campaign on %s: %d kills, seed %d%n", storage, kills, seed);
    try (ServerProcess server =
            ServerProcess.start(
                directory.resolve("data"),
                "--escrowmq.storage.type=" + storage,
                "--escrowmq.transactions.check-first=2s",
                "--escrowmq.transactions.check-interval=2s",
                "--escrowmq.transactions.check-max=100000");
        MixedLoad load = new MixedLoad(server.nameServer(), ledger, seed)) {
      load.start();
      VisibleLog live = killAndRead(server);
      load.stopSending();
      settle(live);
      checkAgainstLedger(live);
      checkReread(server, live);
      live.close();
      System.out.printf(
          "kill campaign: %s; failed: %d sends, %d reads; %d messages visible; %d violations; seed %d%n",
          ledger.summary(),
          load.failures(),
          failedReads.get(),
          live.copies().size(),
          violations.size(),
          seed);
    }
    return violations;
  }

  private VisibleLog killAndRead(ServerProcess server) throws Exception {
    VisibleLog live = new VisibleLog(server.nameServer(), "live");
    CountDownLatch done = new CountDownLatch(1);
    Thread reader = new Thread(() -> readUntil(live, done), "live-reader");
    reader.start();
    Random random = new Random(seed);
    CountDownLatch never = new CountDownLatch(1);
    for (int kill = 1; kill <= kills; kill++) {
      // The random time between ready and kill is the experiment itself, not a wait for something.
      never.await(300 + random.nextInt(2200), TimeUnit.MILLISECONDS);
      server.kill();
      server.restart();
      if (kill % 10 == 0 || kill == kills) {
        System.out.printf("kill campaign: %d of %d kills; %s%n", kill, kills, ledger.summary());
      }
    }
    never.await(1, TimeUnit.SECONDS);
    done.countDown();
    reader.join();
    return live;
  }

  /** Consumes all the time, so that whatever becomes visible between two kills is seen. */
  private void readUntil(VisibleLog live, CountDownLatch done) {
    try {
      while (!done.await(20, TimeUnit.MILLISECONDS)) {
        readQuietly(live);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int readQuietly(VisibleLog log) {
    int count = 0;
    for (String topic : TOPICS) {
      try {
        count += log.readMore(topic);
      } catch (Exception e) {
        // The server is down between kill and restart, or the topic has had no message yet.
        failedReads.incrementAndGet();
      }
    }
    return count;
  }

  private void settle(VisibleLog live) {
    Awaitility.await("everything promised to become visible")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(250))
        .conditionEvaluationListener(condition -> {
          if (condition.getRemainingTimeInMS() < 500) {
            violations.add("not settled in time: " + missing(live));
          }
        })
        .until(() -> {
          int more = readQuietly(live);
          return (more == 0 && missing(live).isEmpty()) || !violations.isEmpty();
        });
  }

  private List<String> missing(VisibleLog live) {
    Map<String, Integer> copies = live.copies();
    List<String> missing = new ArrayList<>();
    ledger.plainAcknowledged.keySet().stream()
        .filter(key -> !copies.containsKey(key))
        .forEach(missing::add);
    ledger.delayedAcknowledged.keySet().stream()
        .filter(key -> !copies.containsKey(key))
        .forEach(missing::add);
    ledger.transactionCommitted.forEach((key, committed) -> {
      if (committed && !copies.containsKey(key)) {
        missing.add(key);
      }
    });
    return missing.size() > 20 ? missing.subList(0, 20) : missing;
  }

  private void checkAgainstLedger(VisibleLog live) {
    violations.addAll(live.violations());
    missing(live).forEach(key -> violations.add("lost: " + key));
    live.copies()
        .forEach((key, copies) -> {
          if (copies > 1) {
            violations.add(copies + " copies of " + key);
          }
          if (!ledger.attempted.containsKey(key)) {
            violations.add("never sent: " + key);
          }
          if (key.startsWith("t") && !ledger.transactionCommitted.getOrDefault(key, false)) {
            violations.add("visible but not committed: " + key);
          }
        });
    ledger.plainAcknowledged.forEach((key, address) -> {
      List<VisibleLog.Seen> queue =
          live.queues().getOrDefault(address.topic() + "/" + address.queue(), List.of());
      if (address.offset() >= queue.size()
          || !queue.get((int) address.offset()).key().equals(key)) {
        violations.add("not where it was acknowledged: " + key + " at " + address);
      }
    });
  }

  /** A second reading from the start must show what consumers were shown during the kills. */
  private void checkReread(ServerProcess server, VisibleLog live) throws Exception {
    try (VisibleLog again = new VisibleLog(server.nameServer(), "again")) {
      for (String topic : TOPICS) {
        again.readMore(topic);
      }
      live.queues()
          .forEach((queue, seen) -> {
            List<VisibleLog.Seen> now = again.queues().getOrDefault(queue, List.of());
            if (now.size() < seen.size() || !now.subList(0, seen.size()).equals(seen)) {
              violations.add("a consumer was shown something else before: " + queue);
            }
          });
    }
  }
}
