package io.escrowmq.broker;

import java.net.InetSocketAddress;
import java.util.HexFormat;

/**
 * The message ids that RocketMQ calls offset ids: host, port and position in upper-case hexadecimal
 * (source: Apache RocketMQ 4.x/5.x remoting protocol).
 */
final class OffsetIds {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private OffsetIds() {}

  static String of(InetSocketAddress storeHost, long position) {
    return HEX.formatHex(storeHost.getAddress().getAddress())
        + HEX.toHexDigits(storeHost.getPort())
        + HEX.toHexDigits(position);
  }
}
