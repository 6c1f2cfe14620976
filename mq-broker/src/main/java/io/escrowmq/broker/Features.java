package io.escrowmq.broker;

import io.escrowmq.broker.filter.Filters;
import io.escrowmq.broker.pop.PopEnvironment;
import io.escrowmq.broker.pop.Popping;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.ForeignIntake;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Registration;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.tx.DecisionTimes;
import io.escrowmq.tx.ExternalChecks;
import io.escrowmq.tx.OperatorDecisions;
import io.escrowmq.tx.Randomness;
import io.escrowmq.tx.TransactionCoordinator;
import io.escrowmq.tx.TransactionEvent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker's features, put together once. */
final class Features {

  private static final Logger LOG = LoggerFactory.getLogger(Features.class);
  private static final InetSocketAddress NOT_ADVERTISED =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final long DRAIN_LOOK_MS = 5;

  private final BrokerSettings settings;
  private final Background background;
  private final AtomicReference<BrokerIdentity> identity;
  private final Core core;
  private final Sending sending;
  private final Consuming consuming;
  private final Groups groups;
  private final Offsets offsets;
  private final Operations operations;
  private final Housekeeping housekeeping;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Registration arrivals = () -> {};

  /** What the features share. */
  private record Core(
      Storage storage,
      Gate gate,
      Counters counters,
      Topics topics,
      Groups.Registry registry,
      OffsetTable offsets,
      DelayedDelivery delivery,
      QueueLocks locks,
      TransactionCoordinator coordinator,
      ExternalChecks checks,
      DecisionTimes decisionTimes) {}

  private Features(
      BrokerSettings settings,
      Background background,
      Core core,
      Ids ids,
      AtomicReference<BrokerIdentity> identity) {
    this.settings = settings;
    this.background = background;
    this.core = core;
    this.identity = identity;
    Encoder encoder = new Encoder(identity::get);
    DeliveryTimes times =
        new DeliveryTimes(
            new DelayLevels(settings.topics().delayLevels()), settings.limits().maxDelay());
    Inlet inlet = new Inlet(core.storage(), core.gate());
    DelayedMessages delayed = new DelayedMessages(inlet, ids, core.delivery(), core.counters());
    Transactions transactions = new Transactions(core.coordinator(), core.gate(), encoder);
    core.checks().decideWith(core.coordinator()::end);
    Redelivery redelivery = redelivery(inlet, encoder, delayed, times);
    Replies replies = new Replies(core.registry().clients(), encoder, background.time());
    sending =
        new Sending(
            new Sending.Parts(
                core.gate(),
                core.topics(),
                core.registry().table(),
                inlet,
                encoder,
                ids,
                delayed,
                transactions,
                redelivery,
                replies,
                core.counters()),
            background.time(),
            settings,
            times,
            core.coordinator().joint());
    Filters filters = new Filters();
    consuming = consuming(filters, redelivery, ids.firstNumber());
    groups =
        new Groups(
            core.registry(),
            core.topics(),
            filters,
            new StartOffsets(core.storage(), core.topics(), core.offsets()));
    offsets = new Offsets(core.storage(), core.topics(), core.offsets());
    Rates rates = new Rates(core.counters(), background.time());
    operations = operationsSide(rates);
    housekeeping =
        new Housekeeping(
            background, core.counters(), this::retain, this::expire, () -> sample(rates));
  }

  private Consuming consuming(Filters filters, Redelivery redelivery, int firstGeneration) {
    ReadChecks checks =
        new ReadChecks(core.registry().table(), core.topics(), new Throttle(background.time()));
    return new Consuming(
        new Consuming.Parts(
            core.storage().log(),
            core.gate(),
            checks,
            filters,
            core.registry(),
            core.offsets(),
            core.locks(),
            popping(checks, filters, redelivery, firstGeneration),
            core.counters()),
        background,
        settings);
  }

  private Popping popping(
      ReadChecks checks, Filters filters, Redelivery redelivery, int firstGeneration) {
    GroupTable groups = core.registry().table();
    PopBridge host =
        new PopBridge(core.gate(), checks, filters, core.offsets(), redelivery, core.counters());
    PopEnvironment environment =
        new PopEnvironment(
            core.storage(),
            background.time(),
            background.scheduler()::after,
            background.workers(),
            host);
    Popping popping =
        new Popping(
            environment,
            settings.popLimits(),
            new StoredModes(core.storage(), core.topics(), groups),
            firstGeneration);
    core.offsets()
        .tell(
            new OffsetTable.Moves() {
              @Override
              public void moved(String group, QueueId queue, long offset) {
                popping.moved(group, queue, offset);
              }

              @Override
              public void forgotten(String group) {
                popping.forgotten(group);
              }
            });
    return popping;
  }

  private Redelivery redelivery(
      Inlet inlet, Encoder encoder, DelayedMessages delayed, DeliveryTimes times) {
    return new Redelivery(
        core.storage(),
        background,
        new Redelivery.Parts(core.topics(), inlet, encoder, delayed, core.counters()),
        times,
        core.registry().table());
  }

  private Operations operationsSide(Rates rates) {
    return new BrokerOperations(
        new Directory(
            core.registry(), core.topics(), core.offsets(), settings.limits().maxQueuesPerTopic()),
        new StoredValues(core.storage()),
        this::statistics,
        rates::all,
        desk(),
        core.counters().flow,
        background.time().nowMs());
  }

  private OperatorDesk desk() {
    return new OperatorDesk(
        core.coordinator().register(),
        new OperatorDecisions(
            core.storage(),
            background.time(),
            core.coordinator(),
            settings.transactions().fourEyes()),
        new RulesDesk(core.coordinator().rules(), core.gate()),
        core.coordinator()::end,
        core.gate());
  }

  private static void timed(DecisionTimes times, TransactionEvent event) {
    if (event instanceof TransactionEvent.Decided decided) {
      times.record(decided.openMs());
    }
  }

  static Features over(
      BrokerSettings settings, Storage storage, Background background, Randomness random) {
    Ids ids = new Ids(random);
    Counters counters = new Counters(background.time());
    GroupTable table = new GroupTable(storage, background.time(), settings.topics());
    Topics topics = new Topics(storage, settings, table::contains);
    ProducerGroups producers =
        new ProducerGroups(
            background.time(), ids, settings.transactions().questionsPerConnection());
    Groups.Registry registry =
        new Groups.Registry(
            table,
            new Clients(background.time(), settings.timings().memberTimeout()),
            new ConsumerGroups(table::notifies, new Handover(background)),
            producers);
    DelayedDelivery delivery = new DelayedDelivery(storage, background, counters);
    DecisionTimes decisionTimes = new DecisionTimes();
    ExternalChecks checks =
        new ExternalChecks(settings.transactions().external().get(), producers, background.time());
    TransactionCoordinator coordinator =
        TransactionCoordinator.open(
            storage,
            background.time(),
            random,
            settings.transactions().checks(),
            checks,
            event -> {
              expect(delivery, event);
              timed(decisionTimes, event);
            });
    producers.onArrival(coordinator::memberArrived);
    Core core =
        new Core(
            storage,
            new Gate(settings.limits().maxInFlightBytes(), counters),
            counters,
            topics,
            registry,
            new OffsetTable(
                storage, background, counters, settings.timings().offsetFlush().toMillis()),
            delivery,
            new QueueLocks(background.time(), settings.timings().lockLease()),
            coordinator,
            checks,
            decisionTimes);
    BrokerIdentity identity =
        new BrokerIdentity(settings.cluster(), settings.name(), settings.region(), NOT_ADVERTISED);
    return new Features(settings, background, core, ids, new AtomicReference<>(identity));
  }

  private static void expect(DelayedDelivery delivery, TransactionEvent event) {
    if (event instanceof TransactionEvent.Scheduled scheduled) {
      delivery.expect(scheduled.id(), scheduled.visibleAtMs());
    }
  }

  void start() {
    Registration pulls = core.storage().log().onAppend(consuming.waiters());
    Registration pops = core.storage().log().onAppend(consuming.popping().arrivals());
    arrivals =
        () -> {
          pulls.close();
          pops.close();
        };
    if (!core.storage().capabilities().contains(Capability.PUSH_NOTIFICATIONS)) {
      background.workers().execute(consuming.waiters()::keepPolling);
      background.workers().execute(consuming.popping()::pollForArrivals);
    }
    core.delivery().start();
    core.coordinator().start();
    housekeeping.start(settings.timings());
    LOG.info(
        "broker {} of cluster {} serves {} topics and {} consumer groups",
        settings.name(),
        settings.cluster(),
        core.topics().count(),
        core.registry().table().count());
  }

  void advertise(InetSocketAddress address) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("the advertised address must be resolved: " + address);
    }
    identity.updateAndGet(
        known -> new BrokerIdentity(known.cluster(), known.name(), known.region(), address));
  }

  void serveWhile(BooleanSupplier condition) {
    core.gate().serveWhile(condition);
  }

  BrokerIdentity identity() {
    return identity.get();
  }

  Topics topics() {
    return core.topics();
  }

  /** A table of another database, moved exactly once. */
  StoreIntake relayed(ForeignIntake table) {
    return new RelayedIntake(core.storage(), table);
  }

  String storeName() {
    return RelayedIntake.nameOf(core.storage(), Randomness.system());
  }

  /** What moves rows of applications' databases into queues; has nothing to do yet. */
  Intakes intakes(Ids ids) {
    IntakeMessages messages =
        new IntakeMessages(
            settings, core.topics(), new Encoder(identity::get), ids, background.time());
    return new Intakes(
        new IntakeMover.World(
            core.gate(), messages, core.delivery(), core.counters(), background.time()));
  }

  Sending sending() {
    return sending;
  }

  Consuming consuming() {
    return consuming;
  }

  Groups groups() {
    return groups;
  }

  Offsets offsets() {
    return offsets;
  }

  Operations operations() {
    return operations;
  }

  Map<String, Long> statistics() {
    Map<String, Long> statistics = new TreeMap<>();
    core.counters().addTo(statistics);
    consuming.popping().addStatistics(statistics);
    statistics.put("in-flight-bytes", core.gate().inFlightBytes());
    statistics.put("waiting-pulls", (long) consuming.waiters().count());
    statistics.put("waiting-handovers", consuming.handover().waiting());
    statistics.put("topics", (long) core.topics().count());
    statistics.put("consumer-groups", (long) core.registry().table().count());
    statistics.put("clients", core.registry().clients().count());
    statistics.put("consumers", core.registry().consumers().count());
    statistics.put("producers", core.registry().producers().count());
    statistics.put("queue-locks", core.locks().count());
    try {
      TransactionFigures.addTo(statistics, core.coordinator(), core.storage().escrow());
      TransactionFigures.addTo(statistics, core.decisionTimes().snapshot());
    } catch (StorageException e) {
      // The store's health tells why; the other figures are still worth something.
      core.counters().backgroundErrors.increment();
    }
    return statistics;
  }

  boolean drain(Duration atMost) {
    core.gate().close();
    consuming.close();
    long deadline = background.time().nanos() + atMost.toNanos();
    CountDownLatch never = new CountDownLatch(1);
    while (core.gate().busy() && background.time().nanos() < deadline) {
      try {
        boolean _ = never.await(DRAIN_LOOK_MS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return !core.gate().busy();
  }

  /** True for the call that closed it. */
  boolean close() {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    core.gate().close();
    consuming.close();
    arrivals.close();
    housekeeping.close();
    core.coordinator().close();
    core.checks().close();
    core.delivery().close();
    core.offsets().close();
    return true;
  }

  private void sample(Rates rates) {
    rates.sample();
    core.counters().flow.sample();
  }

  private void retain() {
    // First what topics let go, so that the store may free its room in the same round.
    new TopicRetention(core.storage(), core.topics(), background.time()).run();
    core.storage().maintenance().retain();
  }

  private void expire() {
    groups.expire();
    core.locks().expire();
  }
}
