package io.escrowmq.migration;

import io.escrowmq.migration.MigrationException.Reason;
import io.escrowmq.spi.storage.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.impl.ClientRemotingProcessor;
import org.apache.rocketmq.client.impl.CommunicationMode;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.impl.consumer.PullResultExt;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.sysflag.PullSysFlag;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.netty.NettyClientConfig;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.body.ClusterInfo;
import org.apache.rocketmq.remoting.protocol.header.PullMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.jspecify.annotations.Nullable;

/**
 * A running RocketMQ cluster, read through the official client's own calls. Changes nothing there:
 * it joins no group and commits no offset. Thread-safe; every call blocks until the answer.
 */
final class SourceCluster implements AutoCloseable {

  /** A group that every broker has from the start, so that pulling creates none. */
  private static final String GROUP = MixAll.TOOLS_CONSUMER_GROUP;

  private static final int ATTEMPTS = 4;
  private static final long PAUSE_MS = 1_000;
  private static final String ANY_NAME_SERVER = "the name server";

  private final MQClientAPIImpl client;
  private final SourceSettings settings;
  private final CountDownLatch closed = new CountDownLatch(1);

  private SourceCluster(MQClientAPIImpl client, SourceSettings settings) {
    this.client = client;
    this.settings = settings;
  }

  /** Messages of a queue as the broker stored them, in offset order; empty if there are none. */
  record Page(List<Message> messages, long minOffset, long maxOffset) {}

  /** A client that has not asked anything yet. */
  static SourceCluster connect(SourceSettings settings) {
    NettyClientConfig network = new NettyClientConfig();
    network.setUseTLS(settings.tls());
    MQClientAPIImpl client =
        new MQClientAPIImpl(
            network, new ClientRemotingProcessor(null), hook(settings), new ClientConfig());
    client.updateNameServerAddressList(settings.nameServers());
    client.start();
    return new SourceCluster(client, settings);
  }

  private static @Nullable AclClientRPCHook hook(SourceSettings settings) {
    return settings
        .credentials()
        .map(it -> new AclClientRPCHook(new SessionCredentials(it.accessKey(), it.secretKey())))
        .orElse(null);
  }

  /** The name servers, for people. */
  String name() {
    return settings.nameServers();
  }

  /** Everything but messages. */
  SourceSnapshot snapshot() {
    ClusterInfo info =
        call(
            "asking for the cluster",
            ANY_NAME_SERVER,
            () -> client.getBrokerClusterInfo(timeout()));
    List<SourceBroker> brokers =
        info.getBrokerAddrTable().values().stream()
            .map(SourceCluster::master)
            .sorted(Comparator.comparing(SourceBroker::name))
            .toList();
    if (brokers.isEmpty()) {
      throw new MigrationException(
          Reason.NOT_POSSIBLE,
          "the name server " + settings.nameServers() + " knows no broker",
          "Start the cluster's brokers, or name the name server that they register with.");
    }
    BrokerReader reader = new BrokerReader(this);
    return new SourceSnapshot(
        List.copyOf(new TreeSet<>(info.getClusterAddrTable().keySet())),
        brokers.stream().map(reader::read).toList());
  }

  private static SourceBroker master(BrokerData broker) {
    Map<Long, String> addresses = broker.getBrokerAddrs();
    String address = addresses.get(MixAll.MASTER_ID);
    if (address == null) {
      throw new MigrationException(
          Reason.NOT_POSSIBLE,
          "broker " + broker.getBrokerName() + " has no master now, only " + addresses,
          "Wait until it has one, or make one of these its master.");
    }
    return new SourceBroker(broker.getBrokerName(), address);
  }

  /** First offset that can be pulled. */
  long minOffset(SourceBroker broker, SourceQueue queue) {
    return call(
        "asking for the first offset of " + queue,
        broker.address(),
        () -> client.getMinOffset(broker.address(), clientQueue(queue), timeout()));
  }

  /** The offset that the next message will get. */
  long maxOffset(SourceBroker broker, SourceQueue queue) {
    return call(
        "asking for the last offset of " + queue,
        broker.address(),
        () -> client.getMaxOffset(broker.address(), clientQueue(queue), timeout()));
  }

  /**
   * Pulls once.
   *
   * @param maxBytes a wish that old brokers do not hear; they have limits of their own
   */
  Page pull(SourceBroker broker, SourceQueue queue, long offset, int maxBytes) {
    PullMessageRequestHeader header = new PullMessageRequestHeader();
    header.setConsumerGroup(GROUP);
    header.setTopic(queue.topic());
    header.setQueueId(queue.number());
    header.setQueueOffset(offset);
    header.setMaxMsgNums(Math.max(1, maxBytes / 256));
    header.setMaxMsgBytes(maxBytes);
    header.setSysFlag(PullSysFlag.buildSysFlag(false, false, true, false));
    header.setCommitOffset(0L);
    header.setSuspendTimeoutMillis(0L);
    header.setSubscription("*");
    header.setSubVersion(0L);
    header.setExpressionType("TAG");
    header.setBrokerName(broker.name());
    PullResult result =
        call(
            "pulling " + queue + " at offset " + offset,
            broker.address(),
            () ->
                client.pullMessage(
                    broker.address(), header, timeout(), CommunicationMode.SYNC, null));
    boolean found = result.getPullStatus() == PullStatus.FOUND;
    return new Page(
        found ? split(((PullResultExt) result).getMessageBinary(), queue) : List.of(),
        result.getMinOffset(),
        result.getMaxOffset());
  }

  private static List<Message> split(byte[] records, SourceQueue queue) {
    List<Message> messages = new ArrayList<>();
    ByteBuffer rest = ByteBuffer.wrap(records);
    while (rest.remaining() > Integer.BYTES) {
      int size = rest.getInt(rest.position());
      if (size < Integer.BYTES || size > rest.remaining()) {
        throw new MigrationException(
            Reason.FAILED,
            "a pull of " + queue + " gave a record of " + size + " bytes",
            "Check the source's store; leave the topic out with --topics '!"
                + queue.topic()
                + "'.");
      }
      messages.add(Message.wrap(rest.slice(rest.position(), size)));
      rest.position(rest.position() + size);
    }
    return messages;
  }

  /** Sends a request that the client has no call for. */
  RemotingCommand ask(String what, SourceBroker broker, int code) {
    return call(
        what,
        broker.address(),
        () ->
            client
                .getRemotingClient()
                .invokeSync(
                    broker.address(), RemotingCommand.createRequestCommand(code, null), timeout()));
  }

  MQClientAPIImpl client() {
    return client;
  }

  long timeout() {
    return settings.timeoutMs();
  }

  /** A call of the client. */
  interface Call<T> {
    T run() throws RemotingException, MQBrokerException, InterruptedException;
  }

  /** Calls, again after a pause if the network or a busy broker was in the way. */
  <T> T call(String what, String address, Call<T> call) {
    for (int attempt = 1; ; attempt++) {
      try {
        return call.run();
      } catch (MQBrokerException e) {
        boolean busy =
            e.getResponseCode() == ResponseCode.SYSTEM_BUSY
                || e.getResponseCode() == ResponseCode.FLOW_CONTROL;
        if (!busy || attempt == ATTEMPTS) {
          throw refused(what, address, e);
        }
      } catch (RemotingException e) {
        // The name server answers at once or is not there; a broker may be about to come back.
        if (attempt == ATTEMPTS || address.equals(ANY_NAME_SERVER)) {
          throw unreachable(what, address, e);
        }
      } catch (InterruptedException e) {
        throw interrupted(what, e);
      }
      pause(what);
    }
  }

  private void pause(String what) {
    try {
      if (closed.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
        throw new MigrationException(Reason.FAILED, what + ": the client was closed", "Run again.");
      }
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  private MigrationException refused(String what, String address, MQBrokerException e) {
    String text = String.valueOf(e.getErrorMessage());
    boolean permission =
        e.getResponseCode() == ResponseCode.NO_PERMISSION || text.contains("AclException");
    String message =
        what
            + ": "
            + (address.equals(ANY_NAME_SERVER) ? settings.nameServers() : address)
            + " refuses with code "
            + e.getResponseCode()
            + ": "
            + text;
    return permission
        ? new MigrationException(
            Reason.NO_PERMISSION,
            message,
            "Give --access-key and the secret of a user who may read every topic and the brokers'"
                + " configuration (an administrator of the cluster).",
            e)
        : new MigrationException(
            Reason.FAILED, message, "Look for the cause in the broker's log, then run again.", e);
  }

  private MigrationException unreachable(String what, String address, RemotingException e) {
    boolean nameServer = address.equals(ANY_NAME_SERVER);
    return new MigrationException(
        Reason.UNREACHABLE,
        what
            + ": no answer from "
            + (nameServer ? "the name server " + settings.nameServers() : "broker " + address)
            + ": "
            + e.getMessage(),
        nameServer
            ? "Check the address after --from and that the name server runs (its port is 9876 by"
                + " default)."
            : "Check that the broker runs and that this machine reaches the address, which is the"
                + " one that the broker registered with its name server (brokerIP1). What was"
                + " copied so far stays: run again to go on.",
        e);
  }

  private static MigrationException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MigrationException(
        Reason.FAILED, what + " was interrupted", "Run again to go on.", e);
  }

  private static MessageQueue clientQueue(SourceQueue queue) {
    return new MessageQueue(queue.topic(), queue.broker(), queue.number());
  }

  @Override
  public void close() {
    closed.countDown();
    // Not waited for: the client lets a thread of its own finish a wait of three seconds.
    Thread.ofVirtual().start(client::shutdown);
  }
}
