package io.escrowmq.protocol.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the first byte of a connection: 0x16 begins a TLS handshake, anything else is plain.
 * Both are served on the same port (Apache RocketMQ remoting protocol, mode "permissive").
 */
final class TlsDetector extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(TlsDetector.class);
  private static final int HANDSHAKE = 0x16;

  private final @Nullable SslContext tls;
  private final boolean required;

  TlsDetector(@Nullable SslContext tls, boolean required) {
    this.tls = tls;
    this.required = required;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    boolean handshake = in.getUnsignedByte(in.readerIndex()) == HANDSHAKE;
    if (handshake && tls != null) {
      context.pipeline().addAfter(context.name(), "tls", tls.newHandler(context.alloc()));
    } else if (handshake) {
      refuse(
          context,
          in,
          "it speaks TLS, but no certificate is configured; set escrowmq.remoting.tls-certificate"
              + " and tls-key, or turn TLS off in the client");
      return;
    } else if (required) {
      refuse(context, in, "it does not speak TLS, which escrowmq.remoting.tls-required demands");
      return;
    }
    context.pipeline().remove(this);
  }

  private static void refuse(ChannelHandlerContext context, ByteBuf in, String why) {
    LOG.info("Connection from {} closed: {}", context.channel().remoteAddress(), why);
    in.skipBytes(in.readableBytes());
    var _ = context.close();
  }
}
