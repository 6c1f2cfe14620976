package io.escrowmq.server;

import io.escrowmq.node.RunningServer;
import io.escrowmq.server.settings.EscrowSettings;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Where this server listens. Thread-safe. */
@Component
public final class ServerAddresses {

  private final String advertisedHost;
  private final String bindHost;
  private final String httpHost;
  private volatile int httpPort;

  ServerAddresses(EscrowSettings settings, @Value("${server.address}") String httpHost) {
    this.advertisedHost = settings.effectiveAdvertisedAddress();
    this.bindHost = settings.bindAddress();
    this.httpHost = httpHost;
  }

  @EventListener
  void httpListens(WebServerInitializedEvent event) {
    httpPort = event.getWebServer().getPort();
  }

  /** Every listening address as {@code host:port} by role, the REST API as {@code http}. */
  public Map<String, String> of(RunningServer node) {
    Map<String, String> addresses = new LinkedHashMap<>();
    node.endpoints().forEach((role, address) -> addresses.put(role, text(address)));
    addresses.put("http", hostText(httpHost) + ":" + httpPort);
    return addresses;
  }

  /** Where other servers reach the REST API. */
  String advertisedHttp() {
    return hostText(advertisedHost) + ":" + httpPort;
  }

  private String text(InetSocketAddress address) {
    // A wildcard is written as the operator wrote it, not as the platform spells it.
    boolean wildcard = address.getAddress() != null && address.getAddress().isAnyLocalAddress();
    return hostText(wildcard ? bindHost : address.getHostString()) + ":" + address.getPort();
  }

  private static String hostText(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
  }
}
