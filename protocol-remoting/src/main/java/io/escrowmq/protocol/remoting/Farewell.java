package io.escrowmq.protocol.remoting;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/**
 * The end of a connection whose peer may still be sending. Closing a socket with unread input makes
 * TCP reset it, and a reset discards answers that are still under way; the peer would not learn
 * what became of requests that were carried out. So the server ends its own direction behind the
 * last answer, and reads and drops what comes until the peer closes.
 */
final class Farewell extends ChannelInboundHandlerAdapter {
  private Farewell() {}

  /** Ends the sending direction behind what was written. On the event loop only. */
  static void say(Channel channel) {
    channel.pipeline().addFirst("farewell", new Farewell());
    channel.config().setAutoRead(true);
    var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> endTls(channel));
  }

  private static void endTls(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      endOutput(channel);
    } else {
      var _ = tls.closeOutbound().addListener(told -> endOutput(channel));
    }
  }

  private static void endOutput(Channel channel) {
    if (channel instanceof DuplexChannel duplex) {
      var _ =
          duplex
              .shutdownOutput()
              .addListener(ended -> {
                if (!ended.isSuccess()) {
                  var _ = channel.close();
                }
              });
    } else {
      var _ = channel.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
  }
}
