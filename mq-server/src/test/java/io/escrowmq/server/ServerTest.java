package io.escrowmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.server.cli.CliRun;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One server for all cases: REST, health, metrics, the endpoints file, the command line client. */
final class ServerTest {

  @TempDir private static Path directory;
  private static RunningServer server;

  @BeforeAll
  static void start() {
    server = RunningServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(directory.resolve("endpoints.json")).doesNotExist();
  }

  @Test
  void healthIsUpWithDetails() throws Exception {
    HttpResponse<String> response = server.get("/actuator/health");
    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode health = server.json("/actuator/health");
    assertThat(health.path("status").asString()).isEqualTo("UP");
    assertThat(health.at("/components/storage/details/state").asString()).isEqualTo("up");
    assertThat(health.at("/components/storage/details/survives").isArray()).isTrue();
    assertThat(health.at("/components/node/details/protocols/remoting").asBoolean()).isTrue();
  }

  @Test
  void onlyHealthInfoAndMetricsAreExposed() throws Exception {
    assertThat(server.json("/actuator").path("_links").propertyNames())
        .containsExactlyInAnyOrder("self", "health", "health-path", "info", "prometheus");
    assertThat(server.get("/actuator/env").statusCode()).isEqualTo(404);
  }

  @Test
  void metricsHaveTheNodeAndTheJvm() throws Exception {
    SampleSend.send(server.node().broker(), "metrics", "k", "b").get(10, TimeUnit.SECONDS);
    assertThat(server.get("/actuator/prometheus").body())
        .contains("escrowmq_up 1.0")
        .contains("# TYPE escrowmq_broker_sent_messages_total counter")
        .contains("rocketmq_messages_in_total")
        .contains("escrowmq_remoting_")
        .contains("escrowmq_storage_")
        .contains("jvm_memory_used_bytes");
  }

  @Test
  void endpointsFileNamesEveryListener() throws Exception {
    JsonNode endpoints =
        new JsonMapper().readTree(Files.readString(directory.resolve("endpoints.json")));
    assertThat(endpoints.propertyNames())
        .contains("nameServer", "remoting", "http", "pid", "version");
    assertThat("http://" + endpoints.path("http").asString()).isEqualTo(server.url());
    assertThat(endpoints.path("nameServer").asString()).matches("127\\.0\\.0\\.1:[1-9]\\d+");
    assertThat(endpoints.path("pid").asLong()).isEqualTo(ProcessHandle.current().pid());
  }

  @Test
  void topicsLiveOverRest() throws Exception {
    HttpResponse<String> created =
        server.request("POST", "/api/v1/topics", "{\"name\":\"orders\",\"queues\":2}");
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(server.request("POST", "/api/v1/topics", "{\"name\":\"orders\"}").statusCode())
        .isEqualTo(409);
    SampleSend.send(server.node().broker(), "orders", "k1", "b").get(10, TimeUnit.SECONDS);
    JsonNode described = server.json("/api/v1/topics/orders");
    assertThat(described.path("messages").asLong()).isEqualTo(1);
    assertThat(described.path("queues").size()).isEqualTo(2);
    HttpResponse<String> changed =
        server.request("PUT", "/api/v1/topics/orders", "{\"queues\":3,\"writable\":false}");
    assertThat(changed.statusCode()).isEqualTo(200);
    assertThat(server.json("/api/v1/topics/orders").at("/topic/writable").asBoolean()).isFalse();
    assertThat(server.json("/api/v1/topics/orders").at("/topic/readQueues").asInt()).isEqualTo(3);
    assertThat(server.request("DELETE", "/api/v1/topics/orders", "").statusCode()).isEqualTo(204);
    assertThat(server.get("/api/v1/topics/orders").statusCode()).isEqualTo(404);
  }

  @Test
  void messagesAreFoundByKeyAndIds() throws Exception {
    SampleSend.send(server.node().broker(), "found", "key-1", "héllo").get(10, TimeUnit.SECONDS);
    JsonNode byKey = server.json("/api/v1/messages?topic=found&key=key-1");
    assertThat(byKey.path("complete").asBoolean()).isTrue();
    JsonNode message = byKey.path("messages").get(0);
    assertThat(message.path("body").asString()).isEqualTo("héllo");
    assertThat(message.path("keys").get(0).asString()).isEqualTo("key-1");
    assertThat(
            server
                .json("/api/v1/messages?topic=found&id=unique-key-1")
                .at("/messages/0/offset")
                .asLong())
        .isZero();
    String offsetId =
        "7F00000100002A9F" + String.format("%016X", message.path("position").asLong());
    assertThat(server.json("/api/v1/messages?id=" + offsetId).at("/messages/0/topic").asString())
        .isEqualTo("found");
  }

  @Test
  void errorsAreProblemsWithCodeAndHint() throws Exception {
    HttpResponse<String> missing = server.get("/api/v1/topics/nothing-here");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    JsonNode problem = new JsonMapper().readTree(missing.body());
    assertThat(problem.path("code").asString()).isEqualTo("TOPIC_NOT_FOUND");
    assertThat(problem.path("hint").asString()).contains("mq topic create");
    assertThat(server.json("/api/v1/messages").path("code").asString())
        .isEqualTo("INVALID_PARAMETER");
    assertThat(server.request("POST", "/api/v1/topics", "{not json").statusCode()).isEqualTo(400);
    assertThat(server.json("/api/v1/unknown").path("code").asString()).isNotEmpty();
    assertThat(server.request("PUT", "/api/v1/topics/bad%20name!", "{}").statusCode())
        .isEqualTo(400);
  }

  @Test
  void clusterSaysWhoAndWhere() throws Exception {
    JsonNode cluster = server.json("/api/v1/cluster");
    assertThat(cluster.path("cluster").asString()).isEqualTo("DefaultCluster");
    assertThat(cluster.at("/endpoints/remoting").asString()).startsWith("127.0.0.1:");
    assertThat(cluster.path("durability").asString()).isEqualTo("DURABLE");
    assertThat(cluster.path("survives").isArray()).isTrue();
    assertThat(cluster.at("/health/canSend").asBoolean()).isTrue();
    assertThat(cluster.path("statistics").isEmpty()).isFalse();
  }

  @Test
  void theCommandLineClientDoesTheSame() {
    String data = "--data=" + directory;
    CliRun created = CliRun.of("topic", "create", "cli-topic", "--queues", "2", data);
    assertThat(created.code()).as(created.err()).isZero();
    assertThat(CliRun.of("topic", "create", "cli-topic", data).code()).isEqualTo(4);
    assertThat(CliRun.of("topic", "list", data).out()).contains("cli-topic");
    assertThat(CliRun.of("topic", "describe", "cli-topic", data).out()).contains("MAX OFFSET");
    assertThat(CliRun.of("topic", "describe", "cli-topic", "--json", data).out())
        .contains("\"writeQueues\" : 2");
    assertThat(CliRun.of("topic", "describe", "none", data).code()).isEqualTo(3);
    assertThat(CliRun.of("topic", "delete", "cli-topic", "--yes", data).code()).isZero();
    assertThat(CliRun.of("group", "list", data).code()).isZero();
    assertThat(CliRun.of("cluster", "info", data).out())
        .contains("DefaultCluster")
        .containsPattern("survives +nothing");
    assertThat(CliRun.of("doctor", data).out()).contains("disk sync");
    CliRun missing = CliRun.of("message", "get", "--topic", "t", "--id", "none", data);
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).contains("No visible message");
  }
}
