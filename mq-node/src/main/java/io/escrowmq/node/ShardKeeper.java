package io.escrowmq.node;

import io.escrowmq.spi.storage.ServerRegister.ServerState;
import io.escrowmq.spi.storage.ShardLeases.ShardLease;
import io.escrowmq.spi.storage.ShardLeases.ShardState;
import io.escrowmq.spi.storage.SharedStore;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this server's share of the shards: a thread that extends leases several times per lease
 * time, takes shards that nobody has, gives some up to a server that has fewer, and lets go of what
 * was lost. Opening and closing a shard's node happens beside it, so that a slow one costs no
 * lease.
 */
final class ShardKeeper {

  private static final Logger log = LoggerFactory.getLogger(ShardKeeper.class);
  private static final int ROUNDS_PER_LEASE = 6;
  private static final int MOST_DOUBLINGS = 6;

  /** A server stops serving on its own when so much of the lease has passed since it asked. */
  private static final double TRUSTED_SHARE = 0.8;

  private final ClusterSettings settings;
  private final SharedStore store;
  private final TimeSource time;
  private final ShardOpener opener;
  private final Map<Integer, OwnedShard> owned = new ConcurrentSkipListMap<>();
  private final Map<Integer, Integer> freeRounds = new ConcurrentHashMap<>();
  private final Map<Integer, Failure> failures = new ConcurrentHashMap<>();
  private final Semaphore wakeUp = new Semaphore(0);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile ClusterView view = new ClusterView(List.of(), List.of(), "not asked yet");
  private volatile ServerState self;
  private volatile Phase phase = Phase.KEEPING;

  ShardKeeper(ClusterSettings settings, SharedStore store, TimeSource time, ShardOpener opener) {
    this.settings = settings;
    this.store = store;
    this.time = time;
    this.opener = opener;
    this.self = new ServerState(settings.serverName(), "", "", true);
  }

  /** An opening that failed, and until when the shard is left to others. */
  private record Failure(RuntimeException reason, int times, long untilNanos) {}

  private enum Phase {
    KEEPING,
    /** Leases are still extended, nothing new is taken. */
    STOPPING,
    OVER
  }

  /** Starts the node of a shard. */
  @FunctionalInterface
  interface ShardOpener {
    EscrowNode open(OwnedShard shard);
  }

  /**
   * The cluster as last seen.
   *
   * @param trouble why it could not be looked at; empty if it could
   */
  record ClusterView(List<ShardState> shards, List<ServerState> servers, String trouble) {}

  ClusterView view() {
    return view;
  }

  Collection<OwnedShard> owned() {
    return List.copyOf(owned.values());
  }

  @Nullable OwnedShard owned(int shard) {
    return owned.get(shard);
  }

  /** Why a shard could not be opened here, if that is so. */
  @Nullable RuntimeException openFailure() {
    return failures.values().stream().findFirst().map(Failure::reason).orElse(null);
  }

  /**
   * One round, and the opening of what it took, in this thread; then rounds go on by themselves.
   *
   * @throws StorageException if the store does not answer
   */
  void start(String address) {
    self = new ServerState(settings.serverName(), address, "", true);
    List<Thread> opening = round();
    opening.forEach(ShardKeeper::join);
    round();
    Thread.ofPlatform().daemon().name("shard-keeper").start(this::keep);
  }

  /** Tells the others where the admin API of this server is. */
  void reachableAt(String http) {
    self = new ServerState(self.name(), self.address(), http, true);
    wakeUp.release();
  }

  /** Closes every node and gives every shard back. */
  void stop(Duration grace) {
    phase = Phase.STOPPING;
    List<Thread> closing = owned.values().stream().map(shard -> giveBack(shard, "stop")).toList();
    closing.forEach(thread -> join(thread, grace.plus(Deadline.SLACK.multipliedBy(2))));
    phase = Phase.OVER;
    wakeUp.release();
    try {
      boolean _ = ended.await(settings.lease().toMillis(), TimeUnit.MILLISECONDS);
      store.register().leave(settings.serverName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StorageException e) {
      log.info("the others will notice when the lease runs out: {}", e.getMessage());
    }
  }

  private void keep() {
    long pauseMs = Math.max(100, settings.lease().toMillis() / ROUNDS_PER_LEASE);
    try {
      while (phase != Phase.OVER) {
        boolean _ = wakeUp.tryAcquire(pauseMs, TimeUnit.MILLISECONDS);
        wakeUp.drainPermits();
        keepOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void keepOnce() {
    try {
      List<Thread> _ = round();
    } catch (StorageException e) {
      if (view.trouble().isEmpty()) {
        log.warn("the shared store does not answer, leases cannot be extended: {}", e.getMessage());
      }
      view = new ClusterView(view.shards(), view.servers(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      log.error("a round of the shard keeper failed", e);
    }
  }

  /** Extends, looks, balances. Gives the threads that open what was taken. */
  private List<Thread> round() {
    long asked = time.nanos();
    boolean failing =
        failures.values().stream().anyMatch(failure -> failure.untilNanos() - asked > 0);
    store
        .register()
        .announce(
            new ServerState(self.name(), self.address(), self.http(), !failing), settings.lease());
    owned.values().forEach(shard -> extend(shard, asked));
    ClusterView now = new ClusterView(store.leases().shards(), store.register().servers(), "");
    if (!view.trouble().isEmpty() && !view.shards().isEmpty()) {
      log.info("the shared store answers again");
    }
    view = now;
    releaseLeftOvers(now);
    return phase == Phase.KEEPING ? balance(now, asked) : List.of();
  }

  private void releaseLeftOvers(ClusterView now) {
    for (ShardState shard : now.shards()) {
      boolean mine = shard.server().equals(settings.serverName());
      if (mine && !owned.containsKey(shard.shard())) {
        // Left over from an opening that failed while the store was away.
        store.leases().release(new ShardLease(shard.shard(), shard.server(), shard.epoch()));
      }
    }
  }

  private void extend(OwnedShard shard, long askedNanos) {
    if (store.leases().renew(shard.lease(), shard.address(), settings.lease())) {
      shard.extended(askedNanos + trustedNanos());
    } else {
      log.warn(
          "shard {} was given to another server: this one was silent for too long; its node closes",
          shard.shard());
      Thread _ = close(shard, false);
    }
  }

  private long trustedNanos() {
    return (long) (settings.lease().toNanos() * TRUSTED_SHARE);
  }

  private List<Thread> balance(ClusterView now, long askedNanos) {
    Map<String, Integer> load = new TreeMap<>();
    now.servers().stream()
        .filter(ServerState::takesShards)
        .forEach(server -> load.put(server.name(), 0));
    load.put(settings.serverName(), 0);
    List<Integer> free = new ArrayList<>();
    for (ShardState shard : now.shards()) {
      if (shard.current() && !shard.server().isEmpty()) {
        load.merge(shard.server(), 1, Integer::sum);
        freeRounds.remove(shard.shard());
      } else {
        free.add(shard.shard());
      }
    }
    List<Thread> opening = take(free, load, askedNanos);
    if (free.isEmpty()) {
      giveUpOne(load);
    }
    return opening;
  }

  private List<Thread> take(List<Integer> free, Map<String, Integer> load, long askedNanos) {
    int least =
        load.entrySet().stream()
            .filter(other -> !other.getKey().equals(settings.serverName()))
            .mapToInt(Map.Entry::getValue)
            .min()
            .orElse(Integer.MAX_VALUE);
    int mine = load.getOrDefault(settings.serverName(), 0);
    List<Thread> opening = new ArrayList<>();
    for (int shard : free) {
      int rounds = freeRounds.merge(shard, 1, Integer::sum);
      boolean nobodyElseTakesIt = rounds > ROUNDS_PER_LEASE;
      Failure failure = failures.get(shard);
      boolean notYet = failure != null && failure.untilNanos() - askedNanos > 0;
      if (notYet || owned.containsKey(shard) || (mine > least && !nobodyElseTakesIt)) {
        continue;
      }
      var lease = store.leases().acquire(shard, settings.serverName(), settings.lease());
      if (lease.isPresent()) {
        mine++;
        opening.add(open(new OwnedShard(lease.get(), askedNanos + trustedNanos())));
      }
    }
    return opening;
  }

  /** The fullest server gives a shard to one that has two less, or fewer. */
  private void giveUpOne(Map<String, Integer> load) {
    int mine = load.getOrDefault(settings.serverName(), 0);
    int least = load.values().stream().mapToInt(Integer::intValue).min().orElse(0);
    boolean fullest =
        load.entrySet().stream()
            .filter(other -> other.getValue() >= mine)
            .findFirst()
            .map(first -> first.getKey().equals(settings.serverName()) && first.getValue() == mine)
            .orElse(false);
    boolean settled = owned.values().stream().noneMatch(shard -> shard.address().isEmpty());
    if (mine - least >= 2 && fullest && settled) {
      owned.values().stream()
          .reduce((a, b) -> b)
          .ifPresent(last -> {
            Thread _ = giveBack(last, "another server has fewer");
          });
    }
  }

  private Thread open(OwnedShard shard) {
    owned.put(shard.shard(), shard);
    log.info("shard {} is ours, lease {}", shard.shard(), shard.lease().epoch());
    return Thread.ofPlatform()
        .daemon()
        .name("shard-" + shard.shard() + "-open")
        .start(() -> {
          try {
            EscrowNode node = opener.open(shard);
            shard.serving(node);
            failures.remove(shard.shard());
            if (shard.closing()) {
              node.close(); // lost meanwhile
            }
          } catch (RuntimeException e) {
            failures.compute(shard.shard(), (_, before) -> failed(e, before));
            log.error("shard {} cannot be served here: {}", shard.shard(), e.toString());
            owned.remove(shard.shard(), shard);
            release(shard);
          }
          wakeUp.release();
        });
  }

  /** Each failure leaves the shard to others for twice as long as the one before. */
  private Failure failed(RuntimeException reason, @Nullable Failure before) {
    int times = before == null ? 0 : Math.min(before.times() + 1, MOST_DOUBLINGS);
    return new Failure(reason, times, time.nanos() + (settings.lease().toNanos() << times));
  }

  private Thread giveBack(OwnedShard shard, String why) {
    log.info("giving shard {} back: {}", shard.shard(), why);
    return close(shard, true);
  }

  private Thread close(OwnedShard shard, boolean release) {
    boolean first = shard.beginClosing();
    return Thread.ofPlatform()
        .daemon()
        .name("shard-" + shard.shard() + "-close")
        .start(() -> {
          EscrowNode node = shard.node();
          if (node != null) {
            node.close();
          }
          if (first) {
            owned.remove(shard.shard(), shard);
            if (release) {
              release(shard);
            }
            wakeUp.release();
          }
        });
  }

  private void release(OwnedShard shard) {
    try {
      store.leases().release(shard.lease());
    } catch (StorageException e) {
      log.info("shard {} is free when its lease runs out: {}", shard.shard(), e.getMessage());
    }
  }

  private static void join(Thread thread) {
    join(thread, Duration.ofMinutes(10));
  }

  private static void join(Thread thread, Duration patience) {
    try {
      boolean _ = thread.join(patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
