package io.escrowmq.protocol.remoting;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A message's id as the protocol writes it: advertised host, port and address in the store, in
 * upper case hex (Apache RocketMQ remoting protocol). Clients parse the number back out of it.
 */
final class OffsetId {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private OffsetId() {}

  static String of(InetSocketAddress host, long position) {
    byte[] address = host.getAddress().getAddress();
    ByteBuffer id = ByteBuffer.allocate(address.length + Integer.BYTES + Long.BYTES);
    id.put(address).putInt(host.getPort()).putLong(position);
    return HEX.formatHex(id.array());
  }
}
