package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.escrowmq.server.process.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The client with {@code tls.enable=true}, which checks the server's certificate, and a server that
 * takes nothing else. In a JVM of its own: the client reads these system properties once.
 */
@Tag("escrowmq-only")
final class TlsTest {
  private static final TestCertificates CERTIFICATES = certificates();

  @RegisterExtension
  static final ServerFixture SERVER =
      ServerFixture.own(
          "--escrowmq.remoting.tls=enforced",
          "--escrowmq.remoting.tls-certificate=" + CERTIFICATES.certificate(),
          "--escrowmq.remoting.tls-key=" + CERTIFICATES.key(),
          "--escrowmq.remoting.tls-reload-interval=200ms");

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  private static TestCertificates certificates() {
    try {
      Path target = Path.of("target").toAbsolutePath();
      TestCertificates certificates =
          new TestCertificates(Files.createTempDirectory(target, "tls-"));
      certificates.install("first");
      System.setProperty("tls.enable", "true");
      // The client's test mode, its default, trusts everybody.
      System.setProperty("tls.test.mode.enable", "false");
      System.setProperty("tls.client.authServer", "true");
      System.setProperty("tls.client.trustCertPath", certificates.authority().toString());
      return certificates;
    } catch (Exception e) {
      throw new AssertionError("no certificates", e);
    }
  }

  @Test
  void sendsAndConsumes() throws Exception {
    String topic = clients.topic(2);
    Inbox inbox = clients.inbox(topic);
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sent.add("m" + i);
      assertThat(clients.producer().send(message(topic, "m" + i)).getSendStatus())
          .isEqualTo(SendStatus.SEND_OK);
    }
    String large = "x".repeat(1_000_000);
    sent.add(large);
    clients.producer().send(message(topic, large));
    inbox.awaitExactly(sent);
  }

  /** Also the server's question goes through TLS. */
  @Test
  void transactionsAreDecidedAndAskedFor() throws Exception {
    String topic = clients.topic(1);
    TransactionMQProducer producer =
        clients.transactionProducer(
            clients.name("tx"),
            new TransactionListener() {
              @Override
              public LocalTransactionState executeLocalTransaction(Message message, Object state) {
                return (LocalTransactionState) state;
              }

              @Override
              public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return LocalTransactionState.COMMIT_MESSAGE;
              }
            });
    for (LocalTransactionState state : LocalTransactionState.values()) {
      producer.sendMessageInTransaction(message(topic, state.name()), state);
    }
    clients
        .inbox(topic)
        .awaitExactly(
            List.of(
                LocalTransactionState.COMMIT_MESSAGE.name(), LocalTransactionState.UNKNOW.name()));
  }

  @Test
  void whoSpeaksPlainTextIsTurnedAwayAtOnce() throws Exception {
    String topic = clients.topic(1);
    DefaultMQProducer plain = new DefaultMQProducer(clients.name("plain"));
    plain.setUseTLS(false);
    plain.setRetryTimesWhenSendFailed(0);
    clients.start(plain);
    long begin = System.nanoTime();
    assertThatThrownBy(() -> plain.send(message(topic, "in the clear")))
        .hasStackTraceContaining("org.apache.rocketmq.remoting.exception");
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .as("refused, not left waiting for the time-out of 20 s")
        .isLessThan(Duration.ofSeconds(10));
    assertThat(SERVER.logTail())
        .contains("does not speak TLS, which escrowmq.remoting.tls=enforced demands");
    clients.producer().send(message(topic, "sealed"));
    clients.inbox(topic).awaitExactly(List.of("sealed"));
  }

  @Test
  void whoTrustsAnotherAuthorityDoesNotConnect() throws Exception {
    Path folder = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "tls-other-");
    X509Certificate other = new TestCertificates(folder).install("stranger");
    assertThatThrownBy(() -> presented(other)).isInstanceOf(SSLException.class);
  }

  @Test
  void aCertificateChangesUnderLoadAndNothingIsLost() throws Exception {
    String topic = clients.topic(4);
    Inbox inbox = clients.inbox(topic);
    AtomicBoolean enough = new AtomicBoolean();
    // One that stays connected, and one after another that connects anew.
    CompletableFuture<List<String>> steady =
        CompletableFuture.supplyAsync(() -> sendUntil(enough, topic, "steady", false));
    CompletableFuture<List<String>> coming =
        CompletableFuture.supplyAsync(() -> sendUntil(enough, topic, "coming", true));
    for (String name : List.of("second", "third")) {
      X509Certificate installed = CERTIFICATES.install(name);
      await()
          .atMost(Inbox.PATIENCE)
          .ignoreExceptionsInstanceOf(SSLException.class)
          .until(() -> presented(trusted()).equals(installed));
      int seen = inbox.bodies().size();
      inbox.awaitAtLeast(seen + 20);
    }
    enough.set(true);
    List<String> sent = new ArrayList<>(steady.get());
    sent.addAll(coming.get());
    assertThat(coming.get()).isNotEmpty();
    inbox.awaitExactly(sent);
  }

  /** What was acknowledged; every send must be. */
  private List<String> sendUntil(
      AtomicBoolean enough, String topic, String name, boolean connectEachTime) {
    List<String> sent = new ArrayList<>();
    try {
      DefaultMQProducer producer = newProducer(name);
      while (!enough.get()) {
        String body = name + sent.size();
        assertThat(producer.send(message(topic, body)).getSendStatus())
            .isEqualTo(SendStatus.SEND_OK);
        sent.add(body);
        if (connectEachTime) {
          producer.shutdown();
          producer = newProducer(name);
        }
      }
      producer.shutdown();
      return sent;
    } catch (Exception e) {
      throw new AssertionError("after " + sent.size() + " messages", e);
    }
  }

  private DefaultMQProducer newProducer(String name) throws MQClientException {
    DefaultMQProducer producer = new DefaultMQProducer(clients.name(name));
    producer.setNamesrvAddr(SERVER.nameServer());
    producer.setInstanceName(clients.name(name));
    producer.setSendMsgTimeout(20_000);
    producer.setRetryTimesWhenSendFailed(0);
    producer.start();
    return producer;
  }

  private static X509Certificate trusted() throws Exception {
    return TestCertificates.certificateIn(CERTIFICATES.authority());
  }

  /** The certificate that the server shows to who trusts this one. */
  private static X509Certificate presented(X509Certificate trusted) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("it", trusted);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    String[] address = SERVER.nameServer().split(":", 2);
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(address[0], Integer.parseInt(address[1]))) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }
}
