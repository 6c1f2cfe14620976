package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.escrowmq.protocol.remoting.WireClient.Received;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a connection may do to the server, and the server to a connection. */
@ExtendWith(LeakWatch.class)
final class ConnectionTest {
  private static Map<String, String> send(String topic) {
    Map<String, String> fields = new HashMap<>();
    fields.putAll(Map.of("a", "pg", "b", topic, "e", "0", "f", "0", "g", "5"));
    return fields;
  }

  private static void serves(ServerFixture fixture) throws IOException {
    try (WireClient client = fixture.client()) {
      assertThat(client.call(310, send("alive"), new byte[1]).code()).isZero();
    }
  }

  private static byte[] words(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * words.length);
    for (int word : words) {
      bytes.putInt(word);
    }
    return bytes.array();
  }

  @Test
  void malformedFramesCloseTheConnectionAndNothingElse() throws IOException {
    byte[] badUtf8 = {0, 0, 0, 8, 0, 0, 0, 4, '{', '"', (byte) 0xff, '"'};
    List<byte[]> attacks =
        List.of(
            words(-1),
            words(Integer.MIN_VALUE, 0),
            words(0),
            words(Integer.MAX_VALUE, 0),
            words(100, 97),
            words(100, 0x00FFFFFF),
            words(8, 0x02000004, 0),
            words(8, 4, 0x7b7b7b7b),
            words(8, 0x01000004, 0),
            badUtf8,
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8),
            "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".getBytes(UTF_8));
    try (ServerFixture fixture = new ServerFixture();
        WireClient bystander = fixture.client()) {
      for (byte[] attack : attacks) {
        try (WireClient attacker = fixture.client()) {
          attacker.raw(attack);
          assertThat(attacker.closedByServer()).isTrue();
        }
        assertThat(bystander.call(310, send("T"), new byte[1]).code()).isZero();
      }
      assertThat(fixture.statistic("frames-malformed-total")).isEqualTo(attacks.size());
    }
  }

  @Test
  void goodRequestsBeforeABadFrameAreAnswered() throws IOException {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client()) {
      client.tell(310, false, send("T"), new byte[1]);
      client.raw(words(-1));
      assertThat(client.receive().code()).isZero();
      assertThat(client.closedByServer()).isTrue();
    }
  }

  @Test
  void pipelinedRequestsAreAllAnsweredOnce() throws Exception {
    int count = 5_000;
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client(HeaderEncoding.BINARY)) {
      Set<Integer> asked = new HashSet<>();
      CompletableFuture<Set<Integer>> answered =
          CompletableFuture.supplyAsync(() -> {
            Set<Integer> numbers = new HashSet<>();
            try {
              for (int i = 0; i < count; i++) {
                Received answer = client.receive();
                assertThat(answer.code()).isZero();
                numbers.add(answer.command().opaque());
              }
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
            return numbers;
          });
      for (int i = 0; i < count; i++) {
        asked.add(client.tell(310, false, send("T"), new byte[100]));
      }
      assertThat(answered.get()).isEqualTo(asked).hasSize(count);
      assertThat(fixture.statistic("requests-in-flight")).isZero();
    }
  }

  @Test
  void tooManyInFlightStopsReadingUntilAnswersLeave() throws IOException {
    stopsReading(Map.of("max-in-flight-per-connection", "10"));
    stopsReading(Map.of("max-in-flight-size-per-connection", "640KB"));
  }

  private static void stopsReading(Map<String, String> limit) throws IOException {
    int count = 400;
    try (ServerFixture fixture = new ServerFixture(limit);
        WireClient client = fixture.client()) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              for (int i = 0; i < count; i++) {
                client.tell(310, false, send("slow"), new byte[64 * 1024]);
              }
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      await().until(() -> fixture.statistic("reading-pauses-total") > 0);
      assertThat(fixture.statistic("requests-in-flight")).isBetween(10L, 40L);
      serves(fixture);
      fixture.broker.gate.complete(null);
      for (int i = 0; i < count; i++) {
        assertThat(client.receive().code()).isZero();
      }
    }
  }

  @Test
  void tooManyWaitingPullsAreRefused() throws IOException {
    Map<String, String> pull =
        new HashMap<>(Map.of("consumerGroup", "cg", "topic", "T", "queueId", "0"));
    pull.putAll(Map.of("queueOffset", "0", "maxMsgNums", "1", "sysFlag", "2"));
    pull.put("suspendTimeoutMillis", "20000");
    try (ServerFixture fixture =
            new ServerFixture(Map.of("max-waiting-pulls-per-connection", "3"));
        WireClient client = fixture.client()) {
      for (int i = 0; i < 3; i++) {
        client.tell(11, false, pull, new byte[0]);
      }
      Received refused = client.call(11, pull);
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.command().remark()).startsWith("[OVERLOAD]");
      assertThat(fixture.statistic("pulls-waiting")).isEqualTo(3);
    }
  }

  @Test
  void connectionLimitPerAddress() throws IOException {
    try (ServerFixture fixture = new ServerFixture(Map.of("max-connections-per-address", "2"));
        WireClient first = fixture.client();
        WireClient second = fixture.client()) {
      assertThat(first.call(4711, Map.of()).code()).isEqualTo(3);
      assertThat(second.call(4711, Map.of()).code()).isEqualTo(3);
      try (WireClient third = fixture.client()) {
        assertThat(third.closedByServer()).isTrue();
      }
      first.close();
      await().until(() -> fixture.statistic("connections") == 1);
      serves(fixture);
      assertThat(fixture.statistic("connections-refused-total")).isEqualTo(1);
    }
  }

  @Test
  void idleConnectionsAreClosedAndReported() throws IOException {
    try (ServerFixture fixture = new ServerFixture(Map.of("idle-timeout", "200ms"));
        WireClient client = fixture.client()) {
      assertThat(client.closedByServer()).isTrue();
      await().until(() -> !fixture.broker.left.isEmpty());
      assertThat(fixture.statistic("connections-idle-closed-total")).isEqualTo(1);
    }
  }

  @Test
  void pushToAClosedConnectionSaysNo() throws IOException {
    try (ServerFixture fixture = new ServerFixture()) {
      WireClient client = fixture.client();
      client.call(34, Map.of(), Golden.bytes("heartbeat"));
      var connection = fixture.broker.clients.get("10.0.0.9@77#1");
      assertThat(connection.isOpen()).isTrue();
      assertThat(connection.clientDescription()).contains("JAVA").contains("513");
      client.close();
      await().until(() -> !connection.isOpen());
      assertThat(connection.push(new io.escrowmq.spi.protocol.ServerPush.MembersChanged("cg")))
          .isFalse();
      await().until(() -> fixture.broker.clients.isEmpty());
    }
  }

  @Test
  void plainAndTlsOnTheSamePort() throws Exception {
    X509Bundle certificate = certificate();
    Map<String, String> options = tlsOptions(certificate);
    try (ServerFixture fixture = new ServerFixture(options)) {
      serves(fixture);
      try (WireClient secure = secure(fixture, certificate)) {
        assertThat(secure.call(310, send("T"), new byte[100_000]).code()).isZero();
        Map<String, String> pull = new HashMap<>();
        pull.putAll(Map.of("consumerGroup", "cg", "topic", "T", "queueId", "0"));
        pull.putAll(Map.of("queueOffset", "0", "maxMsgNums", "1", "sysFlag", "0"));
        assertThat(secure.call(11, pull).body()).hasSizeGreaterThan(100_000);
      }
    }
    options.put("tls", "enforced");
    try (ServerFixture fixture = new ServerFixture(options)) {
      try (WireClient plain = fixture.client()) {
        plain.tell(310, false, send("T"), new byte[1]);
        assertThat(plain.closedByServer()).isTrue();
      }
      try (WireClient secure = secure(fixture, certificate)) {
        assertThat(secure.call(4711, Map.of()).code()).isEqualTo(3);
        Thread closing = Thread.ofVirtual().start(fixture.server::close);
        assertThat(secure.closedByServer()).as("the end of the stream, not an error").isTrue();
        secure.close();
        closing.join();
      }
    }
  }

  @Test
  void tlsWithoutACertificateIsClosed() throws IOException {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client()) {
      client.raw(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
      assertThat(client.closedByServer()).isTrue();
    }
  }

  private static X509Bundle certificate() throws Exception {
    return new CertificateBuilder()
        .subject("CN=localhost")
        .addSanDnsName("localhost")
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  private static Map<String, String> tlsOptions(X509Bundle certificate) throws IOException {
    Map<String, String> options = new HashMap<>();
    options.put("tls-certificate", certificate.toTempCertChainPem().getPath());
    options.put("tls-key", certificate.toTempPrivateKeyPem().getPath());
    return options;
  }

  private static WireClient secure(ServerFixture fixture, X509Bundle trusted) throws Exception {
    TrustManagerFactory trust = trusted.toTrustManagerFactory();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    InetSocketAddress server = fixture.brokerAddress();
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(server.getAddress(), server.getPort());
    socket.startHandshake();
    return new WireClient(socket, HeaderEncoding.JSON);
  }

  @Test
  void drainAnswersWhatWasAcceptedAndRefusesTheRest() throws Exception {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client();
        WireClient late = fixture.client()) {
      late.call(4711, Map.of());
      int accepted = client.tell(310, false, send("slow"), new byte[1]);
      await().until(() -> fixture.statistic("requests-in-flight") == 1);
      Thread draining =
          Thread.ofVirtual().start(() -> fixture.server.drain(Duration.ofSeconds(20)));
      await().until(() -> refused(late));
      assertThat(draining.isAlive()).isTrue();
      assertThatThrownBy(fixture::client).isInstanceOf(IOException.class);
      assertThat(fixture.server.endpoints()).isEmpty();
      fixture.broker.gate.complete(null);
      assertThat(draining.join(Duration.ofSeconds(20))).isTrue();
      fixture.server.close();
      Received answer = client.receive();
      assertThat(answer.command().opaque()).isEqualTo(accepted);
      assertThat(answer.code()).isZero();
      assertThat(client.closedByServer()).isTrue();
      assertThat(fixture.broker.left).hasSize(2);
    }
  }

  private static boolean refused(WireClient late) throws IOException {
    Received answer = late.call(310, send("T"), new byte[1]);
    if (answer.code() != 0) {
      assertThat(answer.code()).isEqualTo(14);
      assertThat(answer.command().remark()).contains("shutting down");
    }
    return answer.code() != 0;
  }

  @Test
  void drainGivesUpInTime() throws IOException {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client()) {
      client.tell(310, false, send("slow"), new byte[1]);
      await().until(() -> fixture.statistic("requests-in-flight") == 1);
      fixture.server.drain(Duration.ofMillis(100));
      fixture.server.close();
      assertThat(client.closedByServer()).isTrue();
    }
  }

  @Test
  void portTakenIsSaidClearly() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = other.getLocalPort();
      assertThatThrownBy(
              () -> new ServerFixture(Map.of("name-server-port", Integer.toString(port))))
          .isInstanceOfSatisfying(
              BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE))
          .hasMessageContaining("127.0.0.1:" + port);
    }
  }

  @Test
  void legacyClientsFindThePortTwoBelow() throws IOException {
    List<Integer> tried = new ArrayList<>();
    for (int attempt = 0; attempt < 10; attempt++) {
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      tried.add(port);
      try (ServerFixture fixture = new ServerFixture(Map.of("port", Integer.toString(port)))) {
        InetSocketAddress vip = fixture.server.endpoints().get("remotingVip");
        if (vip != null) {
          assertThat(vip.getPort()).isEqualTo(port - 2);
          try (WireClient client = WireClient.connect(vip, HeaderEncoding.JSON)) {
            assertThat(client.call(310, send("T"), new byte[1]).code()).isZero();
          }
          return;
        }
      } catch (BrokerException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE);
      }
    }
    throw new AssertionError("no two free ports near each other among " + tried);
  }

  @Test
  void aClientWithTooManySubscriptionsIsRefused() throws IOException {
    String beat =
        "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"g\",\"subscriptionDataSet\":["
            + "{\"topic\":\"a\"},{\"topic\":\"b\"}]}]}";
    try (ServerFixture fixture = new ServerFixture(Map.of("max-subscriptions-per-client", "2"));
        WireClient client = fixture.client()) {
      Received refused = client.call(34, Map.of(), beat.getBytes(UTF_8));
      assertThat(refused.code()).isEqualTo(29);
      assertThat(refused.command().remark()).contains("3 groups and subscriptions");
      String fewer = beat.replace(",{\"topic\":\"b\"}", "");
      assertThat(client.call(34, Map.of(), fewer.getBytes(UTF_8)).code()).isZero();
    }
  }

  @Test
  void settingsAreChecked() {
    Map<String, String> bad = new HashMap<>();
    bad.put("prot", "1");
    bad.put("port", "x");
    bad.put("max-frame-size", "1XB");
    bad.put("idle-timeout", "soon");
    bad.put("vip-port", "maybe");
    bad.put("tls-certificate", "only.pem");
    bad.put("event-loops", "0");
    bad.forEach((key, value) ->
        assertThatThrownBy(() -> new ServerFixture(Map.of(key, value)))
            .isInstanceOfSatisfying(
                BrokerException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER)));
  }

  @Test
  void connectionResetInTheMiddleOfAFrame() throws IOException {
    try (ServerFixture fixture = new ServerFixture()) {
      Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), fixture.brokerAddress().getPort());
      socket.getOutputStream().write(words(1000, 500));
      socket.setSoLinger(true, 0);
      socket.close();
      serves(fixture);
      await().until(() -> fixture.statistic("connections") == 0);
    }
  }

  @Test
  void halfAFrameIsWaitedFor() throws IOException {
    try (ServerFixture fixture = new ServerFixture();
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), fixture.brokerAddress().getPort())) {
      byte[] frame = Golden.bytes("send.json");
      socket.getOutputStream().write(frame, 0, 50);
      serves(fixture);
      socket.getOutputStream().write(frame, 50, frame.length - 50);
      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(8)).hasSize(8);
    }
  }
}
