package io.escrowmq.server.rest;

import java.net.http.HttpClient;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.stereotype.Component;

/**
 * How this server talks to the REST API of the others that share its store: with TLS if its own API
 * has it, for the servers of a cluster are set up alike. Then it trusts whom {@code
 * server.ssl.trust-certificate} names, or whom the JVM trusts, and shows its own certificate to who
 * asks for one.
 */
@Component
final class PeerConnection {

  /** For a connection. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  private final String scheme;
  private final HttpClient http;

  PeerConnection(ServerProperties server, ObjectProvider<SslBundles> bundles) {
    Ssl ssl = server.getSsl();
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(PATIENCE);
    if (ssl != null && Ssl.isEnabled(ssl)) {
      scheme = "https";
      client.sslContext(WebServerSslBundle.get(ssl, bundles.getIfAvailable()).createSslContext());
    } else {
      scheme = "http";
    }
    http = client.build();
  }

  /** {@code http} or {@code https}. */
  String scheme() {
    return scheme;
  }

  HttpClient http() {
    return http;
  }
}
