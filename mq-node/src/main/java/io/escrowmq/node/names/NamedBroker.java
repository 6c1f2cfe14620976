package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.ConsumeServices;
import io.escrowmq.spi.protocol.GroupServices;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.SendServices;
import io.escrowmq.spi.protocol.TopicServices;
import io.escrowmq.spi.protocol.security.Authority;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The door to a broker under one of several names, with that name's share of the queues.
 * Thread-safe.
 */
public final class NamedBroker implements BrokerServices {

  /** In this time a tool has told every name that it moves a group. */
  private static final long GATHERING_MS = 1_000;

  private final BrokerServices broker;
  private final String name;
  private final NamedTopics topics;
  private final NamedSending sending;
  private final NamedConsuming consuming;
  private final NamedGroups groups;
  private final NamedOffsets offsets;
  private final NamedOperations operations;
  private volatile InetSocketAddress address;

  private NamedBroker(BrokerServices broker, List<String> names, int index, ResetRelay resets) {
    this.broker = broker;
    this.name = names.get(index);
    this.address = broker.identity().address();
    Share share = new Share(index, names.size());
    this.topics = new NamedTopics(broker, share, names);
    this.sending = new NamedSending(broker, share);
    this.consuming = new NamedConsuming(broker, share);
    this.groups = new NamedGroups(broker, share);
    this.offsets = new NamedOffsets(broker, share);
    this.operations = new NamedOperations(broker, share, resets);
  }

  /**
   * One door for each name.
   *
   * @param names at least two; the first is the broker's own
   */
  public static List<NamedBroker> of(BrokerServices broker, List<String> names) {
    return of(
        broker, names, CompletableFuture.delayedExecutor(GATHERING_MS, TimeUnit.MILLISECONDS));
  }

  /** For tests: with another way to wait a moment. */
  static List<NamedBroker> of(BrokerServices broker, List<String> names, Executor momentLater) {
    ResetRelay resets = new ResetRelay(broker, names, momentLater);
    List<NamedBroker> doors = new ArrayList<>();
    for (int index = 0; index < names.size(); index++) {
      doors.add(new NamedBroker(broker, names, index, resets));
    }
    return List.copyOf(doors);
  }

  /** The routes of a broker with these doors. */
  public static Routes routes(BrokerServices broker, List<NamedBroker> doors) {
    return new NamedRoutes(broker, doors);
  }

  /** Says under which address clients reach this name. */
  public void advertise(InetSocketAddress resolved) {
    address = resolved;
  }

  @Override
  public BrokerIdentity identity() {
    BrokerIdentity own = broker.identity();
    return new BrokerIdentity(own.cluster(), name, own.region(), address);
  }

  @Override
  public TopicServices topics() {
    return topics;
  }

  @Override
  public SendServices sending() {
    return sending;
  }

  @Override
  public ConsumeServices consuming() {
    return consuming;
  }

  @Override
  public GroupServices groups() {
    return groups;
  }

  @Override
  public OffsetServices offsets() {
    return offsets;
  }

  @Override
  public Operations operations() {
    return operations;
  }

  @Override
  public Authority authority() {
    return broker.authority();
  }
}
