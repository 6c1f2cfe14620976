package io.escrowmq.server.settings;

import io.escrowmq.node.NodeStartException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A server that does not know its clients listens to this machine only, unless told otherwise. */
final class BindPolicy {

  private static final String OVERRIDE = "escrowmq.allow-insecure-bind";

  private BindPolicy() {}

  /**
   * Judges the addresses that would be bound.
   *
   * @param httpAddress of the REST API, health and metrics
   * @param httpTls whether those are reached by TLS only
   * @return the warning to log if the override is in use
   * @throws NodeStartException if an address is open to others without the override, or clients
   *     could not be told where to connect
   */
  static Optional<String> check(EscrowSettings settings, String httpAddress, boolean httpTls) {
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
    List<String> missing =
        missing(settings, bind.isLoopbackAddress(), http.isLoopbackAddress(), httpTls);
    if (missing.isEmpty()) {
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
          String.join("; ", missing),
          "Set what is missing, keep the loopback address, or accept the risk with "
              + OVERRIDE
              + "=true.",
          null);
    }
    return Optional.of(
        "INSECURE: listening on "
            + where
            + " because "
            + OVERRIDE
            + "=true, although "
            + String.join("; ", missing));
  }

  /** Why it would not be safe; empty if it is. */
  private static List<String> missing(
      EscrowSettings settings, boolean bindLocal, boolean httpLocal, boolean httpTls) {
    List<String> missing = new ArrayList<>();
    if (!settings.security().enabled() && !(bindLocal && httpLocal)) {
      missing.add(
          "clients are not asked who they are, so anyone who reaches the port can read and write"
              + " every message (escrowmq.security.enabled=true asks)");
    }
    EscrowSettings.Remoting remoting = settings.remoting();
    if (!bindLocal && remoting.enabled() && remoting.tls() != EscrowSettings.TlsMode.ENFORCED) {
      missing.add(
          "RocketMQ clients may connect without TLS (escrowmq.remoting.tls=enforced refuses them)");
    }
    if (!httpLocal && !httpTls) {
      missing.add(
          "the REST API has no TLS (server.ssl.certificate and server.ssl.certificate-private-key"
              + " add it, server.address=127.0.0.1 keeps it on this machine)");
    }
    return missing;
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
