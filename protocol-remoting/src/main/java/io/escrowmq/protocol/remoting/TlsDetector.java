package io.escrowmq.protocol.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the first byte of a connection: 0x16 begins a TLS handshake, anything else is plain.
 * Both are served on the same port (Apache RocketMQ remoting protocol, mode "permissive").
 */
final class TlsDetector extends ByteToMessageDecoder {
  private static final int HANDSHAKE = 0x16;

  private final @Nullable Certificates tls;
  private final boolean required;
  private final PeerFaults faults;

  TlsDetector(@Nullable Certificates tls, boolean required, PeerFaults faults) {
    this.tls = tls;
    this.required = required;
    this.faults = faults;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    boolean handshake = in.getUnsignedByte(in.readerIndex()) == HANDSHAKE;
    if (handshake && tls != null) {
      SslContext current = tls.current();
      context.pipeline().addAfter(context.name(), "tls", current.newHandler(context.alloc()));
    } else if (handshake) {
      refuse(
          context,
          in,
          "it speaks TLS, but TLS is off here; set escrowmq.remoting.tls-certificate and tls-key, or"
              + " turn TLS off in the client");
      return;
    } else if (required) {
      refuse(context, in, "it does not speak TLS, which escrowmq.remoting.tls=enforced demands");
      return;
    }
    context.pipeline().remove(this);
  }

  private void refuse(ChannelHandlerContext context, ByteBuf in, String why) {
    faults.report(PeerFaults.Kind.TLS, context.channel().remoteAddress(), why);
    in.skipBytes(in.readableBytes());
    var _ = context.close();
  }
}
