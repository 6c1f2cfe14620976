package io.escrowmq.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import io.escrowmq.server.process.TestCertificates;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one database that ask everybody who they are, with TLS on their REST API. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SecuredClusterTest {

  private static final int CREATE_USER = 3001;
  private static final int CREATE_ACL = 3006;
  private static final int NO_PERMISSION = 16;
  private static final long TIMEOUT_MS = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ADMIN = "admin:admin-secret";
  private static final List<String> BROKERS = List.of("escrowmq-0", "escrowmq-1");
  private static final List<DefaultMQPushConsumer> CONSUMERS = new CopyOnWriteArrayList<>();
  private static final AtomicInteger COUNTER = new AtomicInteger();

  @TempDir static Path directory;

  private static DevPostgres database;
  private static ServerProcess one;
  private static ServerProcess two;
  private static HttpClient https;

  @BeforeAll
  static void start() throws Exception {
    TestCertificates certificates = new TestCertificates(directory);
    certificates.install("server");
    https = HttpClient.newBuilder().sslContext(trusting(certificates.authority())).build();
    String[] settings = {
      "--escrowmq.security.enabled=true",
      "--escrowmq.security.admin-user=admin",
      "--escrowmq.security.admin-secret=admin-secret",
      "--escrowmq.cluster.lease=2s",
      "--server.ssl.certificate=file:" + certificates.certificate(),
      "--server.ssl.certificate-private-key=file:" + certificates.key(),
      "--server.ssl.trust-certificate=file:" + certificates.authority()
    };
    database = DevPostgres.start();
    one = ClusterServers.start(directory.resolve("one"), database, 2, settings);
    two = ClusterServers.start(directory.resolve("two"), database, 2, settings);
    Awaitility.await("each server to serve a shard")
        .atMost(PATIENCE)
        .until(() ->
            ClusterServers.knowsBoth(ask(one, ADMIN, "GET", "/api/v1/cluster", "").body())
                && ClusterServers.knowsBoth(ask(two, ADMIN, "GET", "/api/v1/cluster", "").body()));
  }

  private static SSLContext trusting(Path authority) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("it", TestCertificates.certificateIn(authority));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @AfterAll
  static void stop() {
    CONSUMERS.forEach(consumer -> Shutdown.start(consumer::shutdown));
    for (AutoCloseable part : new AutoCloseable[] {one, two, database}) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  @Order(1)
  void eitherServerForwardsToTheOtherInTheNameOfItsUser() throws Exception {
    assertThat(ask(one, ADMIN, "POST", "/api/v1/topics", "{\"name\":\"rest\",\"queues\":2}").body())
        .contains("\"name\":\"rest\"");
    for (ServerProcess server : List.of(one, two)) {
      for (String broker : BROKERS) {
        String path = "/api/v1/topics/rest?broker=" + broker;
        assertThat(ask(server, ADMIN, "GET", path, "").body()).contains("\"name\":\"rest\"");
        for (String stranger : List.of("admin:guess", "nobody:x", "")) {
          assertThat(ask(server, stranger, "GET", path, "").statusCode())
              .as("%s at %s", stranger, path)
              .isEqualTo(401);
        }
      }
    }
    assertThat(ask(two, "admin:guess", "DELETE", "/api/v1/topics/rest", "").statusCode())
        .isEqualTo(401);
  }

  @Test
  @Order(2)
  void whoIsAUserOfAllBrokersUsesAllAndOfOneOnlyThat() throws Exception {
    ask(one, ADMIN, "POST", "/api/v1/topics", "{\"name\":\"shared\",\"queues\":2}");
    DefaultMQProducer admin = producer(one, "admin", "admin-secret");
    for (String broker : BROKERS) {
      createUser(admin, broker, "app");
    }
    createUser(admin, BROKERS.getFirst(), "half");

    for (ServerProcess server : List.of(one, two)) {
      DefaultMQProducer app = producer(server, "app", "app-secret");
      Set<String> sent = new HashSet<>();
      for (MessageQueue queue : app.fetchPublishMessageQueues("shared")) {
        String body = COUNTER.incrementAndGet() + " to " + queue;
        app.send(new Message("shared", body.getBytes(UTF_8)), queue);
        sent.add(body);
      }
      assertThat(sent).hasSize(4);
      Set<String> seen = consume(server, "app-group-" + COUNTER.incrementAndGet());
      Awaitility.await().atMost(PATIENCE).until(() -> seen.containsAll(sent));
      Shutdown.start(app::shutdown);
    }

    assertThat(routesFor("half")).as("servers that know the user of one broker").hasSize(1);
    Shutdown.start(admin::shutdown);
    assertThat(ask(one, "app:app-secret", "GET", "/api/v1/topics", "").statusCode())
        .as("a user who is no super user at the REST API")
        .isEqualTo(403);
  }

  @Test
  @Order(3)
  void usersAndRightsGoWithTheShardThatIsTakenOver() throws Exception {
    two.kill();
    DefaultMQProducer app = producer(one, "app", "app-secret");
    Awaitility.await("the survivor to serve both brokers with the users of both")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          for (MessageQueue queue : app.fetchPublishMessageQueues("shared")) {
            app.send(new Message("shared", "taken over".getBytes(UTF_8)), queue);
          }
          return true;
        });
    Shutdown.start(app::shutdown);
    DefaultMQProducer wrong = producer(one, "app", "guess");
    assertThatThrownBy(() -> wrong.send(new Message("shared", "no".getBytes(UTF_8))))
        .isInstanceOf(Exception.class);
    Shutdown.start(wrong::shutdown);
    two.restart();
  }

  /** The servers that tell this user the routes, who can then send to the broker he is known at. */
  private static List<ServerProcess> routesFor(String user) throws Exception {
    List<ServerProcess> servers = new ArrayList<>();
    for (ServerProcess server : List.of(one, two)) {
      DefaultMQProducer producer = producer(server, user, user + "-secret");
      try {
        for (MessageQueue queue : producer.fetchPublishMessageQueues("shared")) {
          Message message = new Message("shared", "half".getBytes(UTF_8));
          if (queue.getBrokerName().equals(BROKERS.getFirst())) {
            producer.send(message, queue);
          } else {
            assertThatThrownBy(() -> producer.send(message, queue))
                .isInstanceOfSatisfying(
                    MQBrokerException.class,
                    e -> assertThat(e.getResponseCode()).isEqualTo(NO_PERMISSION));
          }
        }
        servers.add(server);
      } catch (MQClientException e) {
        assertThat(e)
            .hasRootCauseInstanceOf(MQClientException.class)
            .hasStackTraceContaining("unknown or disabled here");
      } finally {
        Shutdown.start(producer::shutdown);
      }
    }
    return servers;
  }

  private static void createUser(DefaultMQProducer admin, String broker, String name)
      throws Exception {
    call(admin, broker, CREATE_USER, Map.of("username", name), secretOf(name));
    for (String resource : List.of("Topic:shared", "Group:app-group-*")) {
      Map<String, String> subject = Map.of("subject", "User:" + name);
      String acl =
          "{\"policies\":[{\"entries\":[{\"resource\":\""
              + resource
              + "\",\"actions\":[\"Pub\",\"Sub\"],\"decision\":\"Allow\"}]}]}";
      call(admin, broker, CREATE_ACL, subject, acl);
    }
  }

  private static String secretOf(String name) {
    return "{\"password\":\"" + name + "-secret\"}";
  }

  @SuppressWarnings("deprecation") // the way to a broker's address
  private static void call(
      DefaultMQProducer admin, String broker, int code, Map<String, String> fields, String body)
      throws Exception {
    var instance = admin.getDefaultMQProducerImpl().getMqClientFactory();
    instance.updateTopicRouteInfoFromNameServer("shared");
    RemotingCommand request = RemotingCommand.createRequestCommand(code, null);
    fields.forEach(request::addExtField);
    request.setBody(body.getBytes(UTF_8));
    RemotingCommand answer =
        instance
            .getMQClientAPIImpl()
            .getRemotingClient()
            .invokeSync(instance.findBrokerAddressInPublish(broker), request, TIMEOUT_MS);
    assertThat(answer.getCode()).as("%s of %s: %s", code, broker, answer.getRemark()).isZero();
  }

  private static DefaultMQProducer producer(ServerProcess server, String user, String secret)
      throws Exception {
    DefaultMQProducer producer =
        new DefaultMQProducer(
            "producers", new AclClientRPCHook(new SessionCredentials(user, secret)));
    producer.setNamesrvAddr(server.nameServer());
    producer.setInstanceName("secured-" + COUNTER.incrementAndGet());
    producer.setPollNameServerInterval(1_000);
    producer.setSendMsgTimeout((int) TIMEOUT_MS);
    producer.setMqClientApiTimeout((int) TIMEOUT_MS);
    producer.setRetryTimesWhenSendFailed(0);
    producer.start();
    return producer;
  }

  private static Set<String> consume(ServerProcess server, String group) throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    DefaultMQPushConsumer consumer =
        new DefaultMQPushConsumer(
            group,
            new AclClientRPCHook(new SessionCredentials("app", "app-secret")),
            new AllocateMessageQueueAveragely());
    consumer.setNamesrvAddr(server.nameServer());
    consumer.setInstanceName("secured-" + COUNTER.incrementAndGet());
    consumer.setMqClientApiTimeout((int) TIMEOUT_MS);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.subscribe("shared", "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              messages.forEach(message -> seen.add(new String(message.getBody(), UTF_8)));
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    consumer.start();
    CONSUMERS.add(consumer);
    return seen;
  }

  private static HttpResponse<String> ask(
      ServerProcess server, String user, String method, String path, String json) throws Exception {
    URI uri = URI.create(server.http().replace("http://", "https://") + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(json));
    if (!user.isEmpty()) {
      String basic = Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
      request.header("Authorization", "Basic " + basic);
    }
    return https.send(request.build(), BodyHandlers.ofString());
  }
}
