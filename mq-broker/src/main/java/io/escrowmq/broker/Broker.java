package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ConsumeServices;
import io.escrowmq.spi.protocol.GroupServices;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.SendServices;
import io.escrowmq.spi.protocol.TopicServices;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.storage.ForeignIntake;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.tx.Randomness;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * A running broker over an open store. Thread-safe. Whoever starts it closes it, and closes the
 * store after that.
 */
public final class Broker implements BrokerServices, AutoCloseable {

  private final Features features;
  private final Authority authority;
  private final AutoCloseable threads;
  private final Intakes intakes;

  private Broker(Features features, Authority authority, AutoCloseable threads, Intakes intakes) {
    this.features = features;
    this.intakes = intakes;
    this.authority = authority;
    this.threads = threads;
  }

  /**
   * Loads topics and groups and begins to serve; blocks for the loading.
   *
   * @throws io.escrowmq.spi.storage.StorageException if the store cannot be read
   */
  public static Broker start(BrokerSettings settings, Storage storage, TimeSource time) {
    ThreadScheduler scheduler = new ThreadScheduler();
    ExecutorService workers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("broker-", 0).factory());
    AutoCloseable threads =
        () -> {
          scheduler.close();
          workers.close();
        };
    try {
      return start(settings, storage, new Background(time, scheduler, workers), threads);
    } catch (RuntimeException e) {
      scheduler.close();
      workers.shutdownNow();
      throw e;
    }
  }

  /** For tests: with threads and timers of the caller. */
  static Broker start(
      BrokerSettings settings, Storage storage, Background background, AutoCloseable threads) {
    Authority authority = new StoredAuthority(storage, settings.security());
    Features features = Features.over(settings, storage, background, Randomness.system());
    features.start();
    Intakes intakes = features.intakes(new Ids(Randomness.system()));
    return new Broker(features, authority, threads, intakes);
  }

  /**
   * Says under which address clients reach this broker. It becomes part of routes and message ids.
   *
   * @param address resolved
   */
  public void advertise(InetSocketAddress address) {
    features.advertise(address);
  }

  /**
   * Makes serving depend on something outside, such as a lease: while it is false, sends, pulls,
   * locks and decisions are refused as not serving. Asked by every request, so it must be quick.
   */
  public void serveWhile(BooleanSupplier condition) {
    features.serveWhile(condition);
  }

  /**
   * Takes over a table in the store's own database in which applications leave messages. {@link
   * #startMoving} begins to move them into queues. The broker closes the table.
   *
   * @param name for people
   * @throws io.escrowmq.spi.storage.StorageException.Unavailable if an administrator has to do
   *     something before the table can be used: the remedy says what
   */
  public void moveFrom(String name, StoreIntake table) {
    intakes.add(name, table);
  }

  /** The same for a table in another database. */
  public void moveFrom(String name, ForeignIntake table) {
    intakes.add(name, features.relayed(table));
  }

  /** The name by which other databases know this broker's store. */
  public String storeName() {
    return features.storeName();
  }

  /** Begins to move what applications left. Once, when clients can reach the broker. */
  public void startMoving() {
    intakes.start();
  }

  @Override
  public BrokerIdentity identity() {
    return features.identity();
  }

  @Override
  public TopicServices topics() {
    return features.topics();
  }

  @Override
  public SendServices sending() {
    return features.sending();
  }

  @Override
  public ConsumeServices consuming() {
    return features.consuming();
  }

  @Override
  public GroupServices groups() {
    return features.groups();
  }

  @Override
  public OffsetServices offsets() {
    return features.offsets();
  }

  @Override
  public Operations operations() {
    return features.operations();
  }

  @Override
  public Authority authority() {
    return authority;
  }

  /**
   * Gauges and counters by name (kebab-case, unit last), for metrics. Reads the store; what it does
   * not give is left out.
   */
  public Map<String, Long> statistics() {
    Map<String, Long> statistics = features.statistics();
    intakes.addTo(statistics);
    return statistics;
  }

  /**
   * Refuses new requests, answers waiting pulls, and returns when everything accepted is stored or
   * the time is over.
   *
   * @return true if everything accepted was stored in time
   */
  public boolean drain(Duration atMost) {
    intakes.close();
    return features.drain(atMost);
  }

  /** Stops everything, writes what is only in memory. The store stays open. Idempotent. */
  @Override
  public void close() {
    intakes.close();
    if (features.close()) {
      try {
        threads.close();
      } catch (Exception e) {
        throw new IllegalStateException("the broker's threads do not end", e);
      }
    }
  }
}
