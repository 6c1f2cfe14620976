package io.escrowmq.protocol.remoting;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections beyond the total or the per-address limit before anything is read from them.
 */
@ChannelHandler.Sharable
final class ConnectionLimits extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimits.class);

  private final int most;
  private final int mostPerAddress;
  private final Traffic traffic;
  private final AtomicInteger total = new AtomicInteger();
  private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

  ConnectionLimits(RemotingSettings.Limits limits, Traffic traffic) {
    this.most = limits.connections();
    this.mostPerAddress = limits.connectionsPerAddress();
    this.traffic = traffic;
  }

  int connections() {
    return total.get();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    Channel channel = context.channel();
    InetAddress address = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    int now = total.incrementAndGet();
    int here = perAddress.merge(address, 1, Integer::sum);
    var _ = channel.closeFuture().addListener(closed -> left(address));
    if (now > most || here > mostPerAddress) {
      traffic.count(Traffic.Event.CONNECTIONS_REFUSED);
      LOG.info(
          "Connection from {} closed: {} connections are open, {} of them from this address;"
              + " raise escrowmq.remoting.max-connections or max-connections-per-address if these"
              + " are wanted",
          channel.remoteAddress(),
          now - 1,
          here - 1);
      var _ = context.close();
      return;
    }
    context.fireChannelActive();
  }

  private void left(InetAddress address) {
    total.decrementAndGet();
    perAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }
}
