package io.escrowmq.protocol.remoting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modes of TLS, and certificates that change while connections are open. */
final class TlsTest {
  @TempDir private Path folder;

  @Test
  void aNewCertificateIsForNewConnectionsAndLosesNone() throws Exception {
    X509Bundle first = certificate(Algorithm.ecp256);
    X509Bundle second = certificate(Algorithm.rsa2048);
    install(first);
    try (ServerFixture fixture = new ServerFixture(options("permissive"));
        WireClient early = secure(fixture, first);
        WireClient plain = fixture.client()) {
      install(second);
      await().atMost(Duration.ofSeconds(20)).until(() -> accepts(fixture, second));
      assertThat(accepts(fixture, first)).isFalse();
      assertThat(early.call(310, send()).code()).isZero();
      assertThat(plain.call(310, send()).code()).isZero();
    }
  }

  @Test
  void aBadNewFileLeavesTheOldCertificate() throws Exception {
    X509Bundle first = certificate(Algorithm.ecp256);
    X509Bundle second = certificate(Algorithm.ecp256);
    install(first);
    Certificates certificates = new Certificates(files());
    var before = certificates.current();
    certificates.refresh();
    assertThat(certificates.current()).as("unchanged files").isSameAs(before);
    Path key = folder.resolve("key.pem");
    Files.copy(second.toTempPrivateKeyPem().toPath(), key, StandardCopyOption.REPLACE_EXISTING);
    certificates.refresh();
    assertThat(certificates.current()).as("key of another certificate").isSameAs(before);
    Files.writeString(key, "no key");
    certificates.refresh();
    Files.delete(key);
    certificates.refresh();
    assertThat(certificates.current()).isSameAs(before);
    install(second);
    certificates.refresh();
    assertThat(certificates.current()).isNotSameAs(before);
  }

  @Test
  void off() throws Exception {
    X509Bundle bundle = certificate(Algorithm.ecp256);
    install(bundle);
    try (ServerFixture fixture = new ServerFixture(options("off"));
        WireClient plain = fixture.client()) {
      assertThat(plain.call(310, send()).code()).isZero();
      assertThat(accepts(fixture, bundle)).isFalse();
    }
  }

  @Test
  void whatCannotBeUsedDoesNotStart() throws Exception {
    install(certificate(Algorithm.ecp256));
    refused(options("sometimes"), "off, permissive or enforced");
    refused(Map.of("tls", "enforced"), "tls-certificate");
    Files.copy(
        certificate(Algorithm.ecp256).toTempPrivateKeyPem().toPath(),
        folder.resolve("key.pem"),
        StandardCopyOption.REPLACE_EXISTING);
    refused(options("permissive"), "does not belong to the certificate");
  }

  private static void refused(Map<String, String> options, String word) {
    assertThatThrownBy(() -> new ServerFixture(options))
        .isInstanceOfSatisfying(
            BrokerException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER);
              assertThat(e.describe()).contains(word);
            });
  }

  private static boolean accepts(ServerFixture fixture, X509Bundle trusted) throws Exception {
    try (WireClient client = secure(fixture, trusted)) {
      return client.call(310, send()).code() == 0;
    } catch (SSLException e) {
      return false;
    }
  }

  private static X509Bundle certificate(Algorithm algorithm) throws Exception {
    return new CertificateBuilder()
        .algorithm(algorithm)
        .subject("CN=localhost")
        .addSanDnsName("localhost")
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  private void install(X509Bundle bundle) throws IOException {
    Files.copy(
        bundle.toTempCertChainPem().toPath(),
        folder.resolve("certificate.pem"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        bundle.toTempPrivateKeyPem().toPath(),
        folder.resolve("key.pem"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private RemotingSettings.Tls files() {
    return new RemotingSettings.Tls(
        folder.resolve("certificate.pem").toString(),
        folder.resolve("key.pem").toString(),
        false,
        Duration.ofSeconds(1));
  }

  private Map<String, String> options(String mode) {
    Map<String, String> options = new HashMap<>();
    options.put("tls", mode);
    options.put("tls-certificate", files().certificateFile());
    options.put("tls-key", files().keyFile());
    options.put("tls-reload-interval", "50ms");
    return options;
  }

  private static WireClient secure(ServerFixture fixture, X509Bundle trusted) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("it", trusted.getCertificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    InetSocketAddress server = fixture.brokerAddress();
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(server.getAddress(), server.getPort());
    try {
      socket.startHandshake();
    } catch (IOException e) {
      socket.close();
      throw new SSLException(e);
    }
    return new WireClient(socket, HeaderEncoding.JSON);
  }

  private static Map<String, String> send() {
    return new HashMap<>(Map.of("a", "pg", "b", "T", "e", "0", "f", "0", "g", "5"));
  }
}
