package io.escrowmq.crash;

import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Kills a server with SIGKILL at random moments of a mixed load and checks, during and after, what
 * was promised: nothing acknowledged is lost, nothing undecided is visible, no decision is
 * reversed, offsets are dense, and what stood at an offset stays there.
 */
final class KillCampaign {

  private final Path directory;
  private final List<String> storage;
  private final int kills;
  private final long seed;
  private final Ledger ledger = new Ledger();
  private final Verdict verdict = new Verdict(ledger);

  /**
   * Prepares a campaign.
   *
   * @param storage the server's settings that choose its storage engine
   */
  KillCampaign(Path directory, List<String> storage, int kills, long seed) {
    this.storage = storage;
    this.directory = directory;
    this.kills = kills;
    this.seed = seed;
  }

  /** Runs the campaign; returns every violation found. */
  List<String> run() throws Exception {
    System.out.printf("kill campaign on %s: %d kills, seed %d%n", storage, kills, seed);
    List<String> settings = new ArrayList<>(storage);
    settings.add("--escrowmq.transactions.check-first=2s");
    settings.add("--escrowmq.transactions.check-interval=2s");
    settings.add("--escrowmq.transactions.check-max=100000");
    try (ServerProcess server =
            ServerProcess.start(directory.resolve("data"), settings.toArray(String[]::new));
        MixedLoad load = new MixedLoad(server.nameServer(), ledger, seed)) {
      load.start();
      VisibleLog live = killAndRead(server);
      load.stopSending();
      verdict.settle(live);
      verdict.checkAgainstLedger(live);
      verdict.checkReread(server.nameServer(), live);
      live.close();
      System.out.printf(
          "kill campaign: %s; failed: %d sends, %d reads; %d messages visible; %d violations; seed %d%n",
          ledger.summary(),
          load.failures(),
          verdict.failedReads(),
          live.copies().size(),
          verdict.violations().size(),
          seed);
    }
    return verdict.violations();
  }

  private VisibleLog killAndRead(ServerProcess server) throws Exception {
    VisibleLog live = new VisibleLog(server.nameServer(), "live");
    CountDownLatch done = new CountDownLatch(1);
    Thread reader = new Thread(() -> verdict.readUntil(live, done), "live-reader");
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
}
