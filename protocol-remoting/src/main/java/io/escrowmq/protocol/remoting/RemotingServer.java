package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RequestParser;
import io.escrowmq.protocol.remoting.wire.FrameDecoder;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.ProtocolContext;
import io.escrowmq.spi.protocol.ProtocolServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners and connections of this protocol. Thread-safe. */
final class RemotingServer implements ProtocolServer {
  private static final Logger LOG = LoggerFactory.getLogger(RemotingServer.class);
  private static final int VIP_DISTANCE = 2;
  private static final Duration LAST_BYTES = Duration.ofSeconds(2);

  private final RemotingNode node;
  private final ConnectionLimits gate;
  private final @Nullable Certificates tls;
  private final EventLoopGroup loops;
  private final ExecutorService blocking;
  private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Map<String, Channel> roles = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private RemotingServer(
      RemotingSettings settings, ProtocolContext context, @Nullable Certificates tls) {
    this.tls = tls;
    this.blocking =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("remoting-request-", 0).factory());
    this.loops =
        new MultiThreadIoEventLoopGroup(
            settings.eventLoops(),
            Thread.ofPlatform().name("remoting-loop-", 0).factory(),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    Traffic traffic = new Traffic();
    PeerFaults faults = new PeerFaults(LOG::info, this::atPeriodEnd);
    this.gate = new ConnectionLimits(settings.limits(), traffic, faults);
    this.node =
        new RemotingNode(
            settings,
            context.services(),
            new RequestParser(settings.frames()),
            new RequestDispatcher(
                context.services(),
                context.routes(),
                context.time(),
                settings.limits().subscriptions()),
            new Demands(context.services().identity().cluster()),
            new PushFrames(context.services()),
            traffic,
            faults,
            blocking);
  }

  private void atPeriodEnd(Runnable summary) {
    if (!loops.isShuttingDown()) {
      var _ = loops.schedule(summary, PeerFaults.PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  static RemotingServer start(RemotingSettings settings, ProtocolContext context) {
    RemotingServer server =
        new RemotingServer(settings, context, settings.tls().map(Certificates::new).orElse(null));
    try {
      server.listen(context);
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void listen(ProtocolContext context) {
    RemotingSettings settings = node.settings();
    // Bound first and told to the broker before the name server gives the address away.
    if (settings.port() != RemotingSettings.NO_LISTENER) {
      int port = port(bind("remoting", settings.port()));
      context.advertise().accept(advertised(settings, port));
      if (settings.vipPort() && settings.port() > VIP_DISTANCE) {
        bindVip(settings.port() - VIP_DISTANCE);
      }
    }
    if (settings.nameServerPort() != RemotingSettings.NO_LISTENER) {
      bind("nameServer", settings.nameServerPort());
    }
    settings.tls().ifPresent(files -> reload(files.reloadInterval().toMillis()));
    listeners.forEach(listener -> listener.config().setAutoRead(true));
    LOG.info(
        "RocketMQ remoting listens on {}{}",
        endpoints(),
        tls == null ? "" : ", TLS on the same ports");
  }

  private void reload(long intervalMs) {
    Certificates certificates = tls;
    if (certificates != null) {
      var _ =
          loops.scheduleWithFixedDelay(
              () -> blocking.execute(certificates::refresh),
              intervalMs,
              intervalMs,
              TimeUnit.MILLISECONDS);
    }
  }

  private static int port(Channel listener) {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  private static InetSocketAddress advertised(RemotingSettings settings, int port) {
    InetSocketAddress address = new InetSocketAddress(settings.advertisedAddress(), port);
    if (address.isUnresolved()) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the advertised address '" + settings.advertisedAddress() + "' cannot be resolved",
          "Set escrowmq.advertised-address to a name or address that clients can reach");
    }
    return address;
  }

  private void bindVip(int port) {
    try {
      bind("remotingVip", port);
    } catch (BrokerException e) {
      // Only clients of before 4.6 use it, so its absence must not keep the server from starting.
      LOG.warn(
          "{}; serving without it. Set escrowmq.remoting.vip-port=false to not try",
          e.getMessage());
    }
  }

  private Channel bind(String role, int port) {
    String host = node.settings().bindAddress();
    ChannelFuture bound = bootstrap().bind(host, port).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new BrokerException(
          ErrorCode.ADDRESS_IN_USE,
          "cannot listen on "
              + host
              + ":"
              + port
              + " ("
              + role
              + "): "
              + bound.cause().getMessage(),
          "Stop what uses the port, or choose another with escrowmq.remoting."
              + (role.equals("nameServer") ? "name-server-port" : "port")
              + " (0 picks a free one)",
          bound.cause());
    }
    listeners.add(bound.channel());
    roles.put(role, bound.channel());
    return bound.channel();
  }

  private ServerBootstrap bootstrap() {
    int outboundBytes = node.settings().limits().outboundBytes();
    return new ServerBootstrap()
        .group(loops)
        .channel(
            Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(outboundBytes / 2, outboundBytes))
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                connect(channel);
              }
            });
  }

  private void connect(Channel channel) {
    RemotingSettings settings = node.settings();
    if (channel.remoteAddress() == null) {
      // Reset by the peer before it was accepted.
      var _ = channel.close();
      return;
    }
    connections.add(channel);
    long idleMs = settings.limits().idle().toMillis();
    channel
        .pipeline()
        .addLast("limits", gate)
        .addLast("idle", new IdleStateHandler(0, 0, idleMs, TimeUnit.MILLISECONDS))
        .addLast(
            "tls-detector",
            new TlsDetector(
                tls,
                settings.tls().map(RemotingSettings.Tls::required).orElse(false),
                node.faults()))
        .addLast("frames", new FrameDecoder(settings.frames()))
        .addLast("requests", new RemotingConnection(channel, node));
  }

  @Override
  public Map<String, InetSocketAddress> endpoints() {
    Map<String, InetSocketAddress> listening = new TreeMap<>();
    roles.forEach((role, channel) -> {
      if (channel.localAddress() instanceof InetSocketAddress address && channel.isActive()) {
        listening.put(role, address);
      }
    });
    return listening;
  }

  @Override
  public Map<String, Long> statistics() {
    return node.traffic().statistics(gate.connections());
  }

  @Override
  public void drain(Duration atMost) {
    listeners.close().awaitUninterruptibly();
    try {
      if (!node.traffic().drain(atMost)) {
        LOG.warn("Requests were still unanswered after {} ms of draining", atMost.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    listeners.close().awaitUninterruptibly();
    // Peers close once they have read all answers; what one does not take in time is dropped.
    connections.forEach(RemotingServer::leave);
    connections.newCloseFuture().awaitUninterruptibly(LAST_BYTES.toMillis());
    connections.close().awaitUninterruptibly();
    loops
        .shutdownGracefully(0, LAST_BYTES.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly();
    // Last: closing connections is itself a task, it tells the broker that they are gone.
    blocking.shutdown();
    try {
      if (!blocking.awaitTermination(LAST_BYTES.toMillis(), TimeUnit.MILLISECONDS)) {
        blocking.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void leave(Channel channel) {
    channel
        .eventLoop()
        .execute(() -> {
          RemotingConnection connection = channel.pipeline().get(RemotingConnection.class);
          if (connection != null) {
            connection.leave();
          }
        });
  }
}
