package io.escrowmq.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.escrowmq.spi.protocol.BrokerServices;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checks over HTTP, in a journal table, and by looking oneself, on a started server. */
final class OutsideChecksTest {

  private static final String SECRET = "a-secret-of-the-service";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private static Path directory;
  private static final Map<String, String> ANSWERS = new ConcurrentHashMap<>();
  private static final List<Received> RECEIVED = new CopyOnWriteArrayList<>();
  private static HttpServer service;
  private static String journal;
  private static RunningServer server;

  private record Received(String path, String signature, String timestamp, JsonNode body) {}

  @BeforeAll
  static void start() throws Exception {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.createContext("/", OutsideChecksTest::serve);
    service.start();
    journal = "jdbc:h2:mem:outside-" + directory.getFileName() + ";DB_CLOSE_DELAY=-1";
    execute("create table escrow_tx (tx_id varchar(64) primary key, state char(1) not null)");
    Path secret = Files.writeString(directory.resolve("secret"), SECRET + "\n");
    String address = "http://127.0.0.1:" + service.getAddress().getPort();
    Path file =
        Files.writeString(
            directory.resolve("checks.properties"),
            String.join(
                "\n",
                "web.http.url=" + address + "/check",
                "web.http.secret-file=" + secret,
                "moved.http.url=" + address + "/moved",
                "moved.http.secret-file=" + secret,
                "books.sql.url=" + journal));
    server =
        RunningServer.start(
            directory.resolve("data"),
            "--escrowmq.transactions.check-first=50ms",
            "--escrowmq.transactions.check-interval=200ms",
            "--escrowmq.transactions.checks-file=" + file);
  }

  @AfterAll
  static void stop() {
    server.close();
    service.stop(0);
  }

  @Test
  void aServiceDecidesAndKnowsWhoAsks() throws Exception {
    ANSWERS.put("unique-yes", "{\"decision\":\"commit\"}");
    ANSWERS.put("unique-no", "{\"decision\":\"rollback\"}");
    String yes = SampleSend.half(door(), "web", "web-topic", "yes");
    String no = SampleSend.half(door(), "web", "web-topic", "no");
    awaitState(yes, "COMMITTED");
    awaitState(no, "ROLLED_BACK");

    assertThat(server.json("/api/v1/transactions/" + yes).at("/transaction/decided/by").asString())
        .isEqualTo("HTTP_CHECK");
    Received asked =
        RECEIVED.stream()
            .filter(it -> it.body().path("id").asString().equals(yes))
            .findFirst()
            .orElseThrow();
    assertThat(asked.body().path("key").asString()).isEqualTo("unique-yes");
    assertThat(asked.body().path("group").asString()).isEqualTo("web");
    assertThat(asked.body().path("timestamp").asString()).isEqualTo(asked.timestamp());
    assertThat(asked.signature()).isEqualTo(hmac(yes + "." + asked.timestamp() + ".unique-yes"));
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    ANSWERS.put("unique-moved", "{\"decision\":\"commit\"}");
    String handle = SampleSend.half(door(), "moved", "web-topic", "moved");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> RECEIVED.stream().anyMatch(it -> it.path().equals("/moved")));
    assertThat(state(handle)).isEqualTo("HELD");
    assertThat(RECEIVED)
        .noneMatch(
            it -> it.path().equals("/check") && it.body().path("id").asString().equals(handle));
  }

  @Test
  void theJournalOfADatabaseDecides() throws Exception {
    execute("insert into escrow_tx values ('unique-booked', 'C')");
    String booked = SampleSend.half(door(), "books", "book-topic", "booked");
    String never = SampleSend.half(door(), "books", "book-topic", "never");
    awaitState(booked, "COMMITTED");
    awaitState(never, "ROLLED_BACK");

    assertThat(
            server.json("/api/v1/transactions/" + never).at("/transaction/decided/by").asString())
        .isEqualTo("SQL_CHECK");
    assertThatThrownBy(() -> execute("insert into escrow_tx values ('unique-never', 'C')"))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void aGroupMayLookByItself() throws Exception {
    String handle = SampleSend.half(door(), "puller", "pull-topic", "k");
    JsonNode open = server.json("/api/v1/checks/puller");
    assertThat(open.at("/transactions/0/handle").asString()).isEqualTo(handle);
    String wish = "{\"decision\":\"commit\"}";
    assertThat(server.request("POST", "/api/v1/checks/other/" + handle, wish).statusCode())
        .isEqualTo(404);
    assertThat(server.request("POST", "/api/v1/checks/puller/" + handle, "{}").statusCode())
        .isEqualTo(400);
    assertThat(server.request("POST", "/api/v1/checks/puller/" + handle, wish).body())
        .contains("decided");
    assertThat(
            server
                .request("POST", "/api/v1/checks/puller/" + handle, "{\"decision\":\"rollback\"}")
                .statusCode())
        .isEqualTo(409);
    assertThat(
            server.json("/api/v1/transactions/" + handle).at("/transaction/decided/by").asString())
        .isEqualTo("PULL_CHECK");
  }

  @Test
  void aFileThatSaysSomethingElseIsRefused() throws Exception {
    Path shortSecret = Files.writeString(directory.resolve("short"), "short");
    for (String wrong :
        List.of(
            "g.http.url=ftp://host/\ng.http.secret-file=" + directory.resolve("secret"),
            "g.http.url=http://user@host/\ng.http.secret-file=" + directory.resolve("secret"),
            "g.http.url=http://host/\ng.http.secret-file=" + shortSecret,
            "g.http.url=http://host/",
            "g.smtp.url=x",
            "g.sql.url=jdbc:h2:mem:x\ng.sql.table=a b")) {
      Path file = Files.writeString(directory.resolve("wrong.properties"), wrong);
      assertThatThrownBy(() ->
              RunningServer.start(
                  directory.resolve("other"), "--escrowmq.transactions.checks-file=" + file))
          .as(wrong)
          .hasStackTraceContaining("checks of transactions are not set up");
    }
  }

  private static void serve(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    RECEIVED.add(
        new Received(
            exchange.getRequestURI().getPath(),
            exchange.getRequestHeaders().getFirst("X-EscrowMQ-Signature"),
            exchange.getRequestHeaders().getFirst("X-EscrowMQ-Timestamp"),
            body));
    if (exchange.getRequestURI().getPath().equals("/moved")) {
      exchange.getResponseHeaders().set("Location", "/check");
      exchange.sendResponseHeaders(307, -1);
    } else {
      String answer =
          ANSWERS.getOrDefault(body.path("key").asString(), "{\"decision\":\"unknown\"}");
      byte[] bytes = answer.getBytes(UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  private static void awaitState(String handle, String state) {
    await().atMost(Duration.ofSeconds(60)).until(() -> state(handle).equals(state));
  }

  private static String state(String handle) throws Exception {
    return server.json("/api/v1/transactions/" + handle).at("/transaction/state").asString();
  }

  private static String hmac(String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(journal);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static BrokerServices door() {
    return server.node().broker();
  }
}
