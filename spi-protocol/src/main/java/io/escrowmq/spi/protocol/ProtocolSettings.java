package io.escrowmq.spi.protocol;

import java.util.Map;

/**
 * What an operator chose for a protocol.
 *
 * @param bindAddress host name or address to listen on
 * @param advertisedAddress host name or address that clients are told to connect to
 * @param options the settings below the protocol's prefix, kebab-case, without the prefix
 */
public record ProtocolSettings(
    String bindAddress, String advertisedAddress, Map<String, String> options) {

  public ProtocolSettings {
    options = Map.copyOf(options);
  }
}
