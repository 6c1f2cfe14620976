package io.escrowmq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.protocol.security.Acl;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.PolicyEntry;
import io.escrowmq.spi.protocol.security.PolicyEntry.Decision;
import io.escrowmq.spi.protocol.security.ResourcePattern;
import io.escrowmq.spi.protocol.security.Secret;
import io.escrowmq.spi.protocol.security.User;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The REST API of a server that asks who its users are. */
final class SecuredServerTest {

  @TempDir private static Path directory;
  private static RunningServer server;

  @BeforeAll
  static void start() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "admin-secret\n");
    server =
        RunningServer.start(
            directory.resolve("data"),
            "--escrowmq.security.enabled=true",
            "--escrowmq.security.admin-user=admin",
            "--escrowmq.security.admin-secret-file=" + secret,
            "--escrowmq.transactions.four-eyes=true");
    Authority authority = server.node().broker().authority();
    authority
        .users()
        .create(new User("second", new Secret("second-pw"), User.Type.SUPER, User.Status.ENABLED));
    authority
        .users()
        .create(new User("looker", new Secret("looker-pw"), User.Type.NORMAL, User.Status.ENABLED));
    authority
        .acls()
        .put(
            new Acl(
                "looker",
                List.of(
                    new PolicyEntry(
                        ResourcePattern.parse("Cluster:*").orElseThrow(),
                        Set.of(Action.GET),
                        List.of(),
                        Decision.ALLOW)),
                List.of()));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theApiIsForSuperUsers() throws Exception {
    assertThat(status("/api/v1/topics", null)).isEqualTo(401);
    assertThat(status("/api/v1/topics", "admin:wrong")).isEqualTo(401);
    assertThat(status("/api/v1/topics", "nobody:x")).isEqualTo(401);
    assertThat(status("/api/v1/topics", "admin")).isEqualTo(401);
    assertThat(status("/api/v1/topics", "looker:looker-pw")).isEqualTo(403);
    assertThat(status("/api/v1/topics", "admin:admin-secret")).isEqualTo(200);
    assertThat(status("/api;x=y/v1/topics", null)).isNotEqualTo(200);
    assertThat(status("//api/v1/topics", null)).isNotEqualTo(200);
    assertThat(status("/actuator/health/../../api/v1/topics", null)).isNotEqualTo(200);
    assertThat(status("/actuator/health/%2e%2e/prometheus", null)).isNotEqualTo(200);
  }

  @Test
  void metricsAreForWhoMayLookAndHealthIsForAll() throws Exception {
    assertThat(status("/actuator/prometheus", null)).isEqualTo(401);
    assertThat(status("/actuator/prometheus", "looker:looker-pw")).isEqualTo(200);
    HttpResponse<String> health = get("/actuator/health", null);
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).contains("UP").doesNotContain("storage");
  }

  @Test
  void theRefusalSaysWhatToDo() throws Exception {
    HttpResponse<String> refused = get("/api/v1/topics", null);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Basic");
    assertThat(refused.body()).contains("NOT_AUTHENTICATED", "MQ_USER");
  }

  @Test
  void withoutAnAdministratorItDoesNotStart() {
    Path other = directory.resolve("other");
    assertThatThrownBy(() -> RunningServer.start(other, "--escrowmq.security.enabled=true"))
        .hasStackTraceContaining("there is no administrator");
    assertThatThrownBy(() ->
            RunningServer.start(
                other,
                "--escrowmq.security.enabled=true",
                "--escrowmq.security.admin-user=admin",
                "--escrowmq.security.admin-secret=short"))
        .hasStackTraceContaining("short enough to be guessed");
  }

  @Test
  void decisionsByHandTakeTwoOperatorsAndTheirRealNames() throws Exception {
    String handle = SampleSend.half(server.node().broker(), "four-eyes", "k");
    String path = "/api/v1/transactions/" + handle + "/decision";
    String wish = "{\"decision\":\"commit\",\"reason\":\"ticket 7\"}";
    String pretended = "{\"decision\":\"commit\",\"reason\":\"r\",\"operator\":\"second\"}";

    assertThat(post(path, "looker:looker-pw", wish).statusCode()).isEqualTo(403);
    HttpResponse<String> proposed = post(path, "admin:admin-secret", wish);
    assertThat(proposed.statusCode()).isEqualTo(202);
    assertThat(proposed.body()).contains("\"proposed\"", "\"operator\":\"admin\"");
    assertThat(post(path, "admin:admin-secret", wish).body()).contains("SECOND_OPERATOR_NEEDED");
    assertThat(post(path, "admin:admin-secret", pretended).statusCode()).isEqualTo(400);
    assertThat(post(path, "second:second-pw", wish.replace("commit", "rollback")).body())
        .contains("OTHER_DECISION_PROPOSED");
    assertThat(get("/api/v1/transactions/proposals", "second:second-pw").body()).contains(handle);
    HttpResponse<String> confirmed = post(path, "second:second-pw", wish);
    assertThat(confirmed.statusCode()).isEqualTo(200);
    assertThat(confirmed.body()).contains("\"decided\"");
    assertThat(get("/api/v1/transactions/" + handle, "second:second-pw").body())
        .contains("COMMITTED", "(proposed by admin: ticket 7)", "CONFIRMED", "PROPOSED");
  }

  @Test
  void whoMaySendToATopicMayAnswerForItsTransactionsAndNoOthers() throws Exception {
    Authority authority = server.node().broker().authority();
    authority
        .users()
        .create(new User("batch", new Secret("batch-pw"), User.Type.NORMAL, User.Status.ENABLED));
    authority
        .acls()
        .put(
            new Acl(
                "batch",
                List.of(
                    new PolicyEntry(
                        ResourcePattern.parse("Topic:pull-mine").orElseThrow(),
                        Set.of(Action.PUB),
                        List.of(),
                        Decision.ALLOW)),
                List.of()));
    String mine = SampleSend.half(server.node().broker(), "pulling", "pull-mine", "m");
    String others = SampleSend.half(server.node().broker(), "pulling", "pull-others", "o");
    String checks = "/api/v1/checks/pulling";
    String wish = "{\"decision\":\"commit\"}";

    assertThat(status(checks, null)).isEqualTo(401);
    assertThat(get(checks, "batch:batch-pw").body()).contains(mine).doesNotContain(others);
    assertThat(post(checks + "/" + others, "batch:batch-pw", wish).statusCode()).isEqualTo(404);
    assertThat(post(checks + "/" + mine, "batch:batch-pw", wish).body()).contains("decided");
    assertThat(status("/api/v1/transactions/" + mine, "batch:batch-pw")).isEqualTo(403);
  }

  @Test
  void theFourEyesRuleNeedsUsers() {
    assertThatThrownBy(() ->
            RunningServer.start(
                directory.resolve("third"), "--escrowmq.transactions.four-eyes=true"))
        .hasStackTraceContaining("The four-eyes rule needs users");
  }

  private static HttpResponse<String> post(String path, String user, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("Authorization", basic(user))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
  }

  private static int status(String path, String user) throws Exception {
    return get(path, user).statusCode();
  }

  private static HttpResponse<String> get(String path, String user) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path));
    if (user != null) {
      request.header("Authorization", basic(user));
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }
}
