package io.escrowmq.crash;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Two servers on one PostgreSQL under a mixed load: in each round one of the servers is killed or
 * stopped for longer than its lease, or the database crashes or stands still. After each fault a
 * consumer group must go on with the queues of both brokers in time, and in the end nothing of what
 * was promised may be missing.
 */
final class ClusterCampaign {

  private static final int SHARDS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final int rounds;
  private final long seed;
  private final Duration mostSilence;
  private final Ledger ledger = new Ledger();
  private final Verdict verdict = new Verdict(ledger);
  private final CountDownLatch never = new CountDownLatch(1);
  private final List<String> silences = new ArrayList<>();
  private long longestSilenceMs;

  /**
   * A campaign.
   *
   * @param mostSilence how long consumers may hear nothing from one of the brokers after a fault
   */
  ClusterCampaign(Path directory, int rounds, long seed, Duration mostSilence) {
    this.mostSilence = mostSilence;
    this.directory = directory;
    this.rounds = rounds;
    this.seed = seed;
  }

  private enum Fault {
    KILL_SERVER,
    STOP_SERVER,
    CRASH_DATABASE,
    STOP_DATABASE
  }

  /** Runs the campaign; returns every violation found. */
  List<String> run() throws Exception {
    System.out.printf("cluster campaign: %d rounds, seed %d%n", rounds, seed);
    try (DevPostgres database = DevPostgres.start();
        ServerProcess one = ClusterServers.start(directory.resolve("one"), database, SHARDS);
        ServerProcess two = ClusterServers.start(directory.resolve("two"), database, SHARDS)) {
      String nameServers = one.nameServer() + ";" + two.nameServer();
      ClusterServers.awaitShared(one, two);
      try (MixedLoad load = new MixedLoad(nameServers, ledger, seed);
          ContinuingConsumer consumer = createTopicsAndConsume(load, nameServers)) {
        load.start();
        VisibleLog live = new VisibleLog(nameServers, "live");
        CountDownLatch done = new CountDownLatch(1);
        Thread reader = new Thread(() -> verdict.readUntil(live, done), "live-reader");
        reader.start();
        Random random = new Random(seed);
        awaitContinued(consumer, "the start");
        for (int round = 1; round <= rounds; round++) {
          round(round, random, database, List.of(one, two), consumer);
        }
        done.countDown();
        reader.join();
        load.stopSending();
        verdict.settle(live);
        verdict.checkAgainstLedger(live);
        verdict.checkReread(nameServers, live);
        live.close();
        report(load, live, consumer);
      }
    }
    return verdict.violations();
  }

  private static ContinuingConsumer createTopicsAndConsume(MixedLoad load, String nameServers)
      throws Exception {
    load.createTopics();
    return new ContinuingConsumer(nameServers);
  }

  private void round(
      int round,
      Random random,
      DevPostgres database,
      List<ServerProcess> servers,
      ContinuingConsumer consumer)
      throws InterruptedException {
    // The random time before a fault is the experiment itself, not a wait for something.
    never.await(200 + random.nextInt(1500), TimeUnit.MILLISECONDS);
    Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
    int which = random.nextInt(servers.size());
    ServerProcess server = servers.get(which);
    String what = "round " + round + ", " + fault + (isOfServer(fault) ? " " + which : "");
    switch (fault) {
      case KILL_SERVER -> {
        server.kill();
        awaitContinued(consumer, what);
        server.restart();
      }
      case STOP_SERVER -> {
        server.pause();
        awaitContinued(consumer, what);
        server.resume();
      }
      case CRASH_DATABASE -> {
        database.crash();
        awaitContinued(consumer, what);
      }
      case STOP_DATABASE -> {
        database.pause();
        never.await(500 + random.nextInt(6000), TimeUnit.MILLISECONDS);
        database.resume();
        awaitContinued(consumer, what);
      }
    }
    // Both servers are there again and divide the shards before the next fault, as a rule.
    awaitContinued(consumer, what + ", after it");
    if (round % 5 == 0 || round == rounds) {
      System.out.printf(
          "cluster campaign: %d of %d rounds; longest silence %d ms; %s%n",
          round, rounds, longestSilenceMs, ledger.summary());
    }
  }

  private static boolean isOfServer(Fault fault) {
    return fault == Fault.KILL_SERVER || fault == Fault.STOP_SERVER;
  }

  /** Waits until the group has consumed, from each broker, something that was sent from now on. */
  private void awaitContinued(ContinuingConsumer consumer, String what) {
    long sinceMs = System.currentTimeMillis();
    long sinceNanos = System.nanoTime();
    try {
      Awaitility.await("consumers to go on after " + what)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> consumer.brokersSince(sinceMs) == SHARDS);
    } catch (ConditionTimeoutException e) {
      verdict.add("consumers did not go on after " + what + ": " + consumer.state());
      return;
    }
    long silenceMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNanos);
    longestSilenceMs = Math.max(longestSilenceMs, silenceMs);
    silences.add(what + ": " + silenceMs + " ms");
    if (silenceMs > mostSilence.toMillis()) {
      verdict.add("consumers went on only after " + silenceMs + " ms: " + what);
    }
  }

  private void report(MixedLoad load, VisibleLog live, ContinuingConsumer consumer) {
    silences.forEach(System.out::println);
    System.out.printf(
        "cluster campaign: %s; failed: %d sends, %d reads; %d messages visible; group consumed %d,"
            + " %d of them again; longest silence %d ms; %d violations; seed %d%n",
        ledger.summary(),
        load.failures(),
        verdict.failedReads(),
        live.copies().size(),
        consumer.consumed(),
        consumer.again(),
        longestSilenceMs,
        verdict.violations().size(),
        seed);
  }
}
