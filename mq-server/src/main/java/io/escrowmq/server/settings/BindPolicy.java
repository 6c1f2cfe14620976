package io.escrowmq.server.settings;

import io.escrowmq.node.NodeStartException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** A server that does not know its clients listens to this machine only, unless told otherwise. */
final class BindPolicy {

  private static final String OVERRIDE = "escrowmq.allow-insecure-bind";

  private BindPolicy() {}

  /**
   * Judges the addresses that would be bound.
   *
   * @param httpAddress of the REST API, health and metrics
   * @return the warning to log if the override is in use
   * @throws NodeStartException if an address is open to others without the override, or clients
   *     could not be told where to connect
   */
  static Optional<String> check(EscrowSettings settings, String httpAddress) {
    InetAddress bind = resolve("escrowmq.bind-address", settings.bindAddress());
    InetAddress http = resolve("server.address", httpAddress);
    if (bind.isAnyLocalAddress() && settings.advertisedAddress() == null) {
      throw new NodeStartException(
          "No address to advertise",
          "escrowmq.bind-address=" + settings.bindAddress(),
          "clients cannot connect to a wildcard address",
          "Set escrowmq.advertised-address to the host name that clients use.",
          null);
    }
    if (bind.isLoopbackAddress() && http.isLoopbackAddress()) {
      return Optional.empty();
    }
    String where =
        bind.isLoopbackAddress()
            ? "server.address=" + httpAddress
            : "escrowmq.bind-address=" + settings.bindAddress();
    if (!settings.allowInsecureBind()) {
      throw new NodeStartException(
          "Refusing to be open to the network",
          where,
          "clients are not authenticated and the REST API has no TLS, so anyone who reaches the"
              + " port could read and write every message",
          "Keep the loopback address, or accept the risk with " + OVERRIDE + "=true.",
          null);
    }
    return Optional.of(
        "INSECURE: listening on "
            + where
            + " without authentication because "
            + OVERRIDE
            + "=true; anyone who reaches the port can read and write every message");
  }

  /** True if the address is reachable from this machine only. */
  static boolean isLoopback(String address) {
    return resolve("address", address).isLoopbackAddress();
  }

  private static InetAddress resolve(String setting, String address) {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new NodeStartException(
          "Unknown host",
          setting + "=" + address,
          "the name has no address",
          "Use an address of this machine, for example 127.0.0.1.",
          e);
    }
  }
}
