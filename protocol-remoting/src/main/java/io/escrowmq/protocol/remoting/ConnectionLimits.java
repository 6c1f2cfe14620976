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

/**
 * Closes connections beyond the total or the per-address limit before anything is read from them.
 */
@ChannelHandler.Sharable
final class ConnectionLimits extends ChannelInboundHandlerAdapter {
  private final int most;
  private final int mostPerAddress;
  private final Traffic traffic;
  private final PeerFaults faults;
  private final AtomicInteger total = new AtomicInteger();
  private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

  ConnectionLimits(RemotingSettings.Limits limits, Traffic traffic, PeerFaults faults) {
    this.most = limits.connections();
    this.mostPerAddress = limits.connectionsPerAddress();
    this.traffic = traffic;
    this.faults = faults;
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
      faults.report(
          PeerFaults.Kind.LIMIT,
          channel.remoteAddress(),
          (now - 1)
              + " connections are open, "
              + (here - 1)
              + " of them from this address; raise escrowmq.remoting.max-connections or"
              + " max-connections-per-address if these are wanted");
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
