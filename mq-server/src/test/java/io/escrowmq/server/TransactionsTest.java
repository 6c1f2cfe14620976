package io.escrowmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.server.cli.CliRun;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The register and decisions by hand, over REST and the command line, on a server of its own. */
final class TransactionsTest {

  private static final String API = "/api/v1/transactions";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private static Path directory;
  private static RunningServer server;

  @BeforeAll
  static void start() {
    server = RunningServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void openTransactionsAreListedAndShown() throws Exception {
    String handle = SampleSend.half(door(), "listed", "a");
    SampleSend.half(door(), "listed", "b");

    assertThat(server.json(API + "?topic=listed&limit=1").path("transactions").size()).isEqualTo(1);
    assertThat(server.json(API + "?topic=listed&limit=1").path("complete").asBoolean()).isFalse();
    JsonNode all = server.json(API + "?topic=listed");
    assertThat(all.path("transactions").size()).isEqualTo(2);
    assertThat(all.path("complete").asBoolean()).isTrue();
    assertThat(server.json(API + "?topic=listed&state=parked").path("transactions").isEmpty())
        .isTrue();
    assertThat(server.json(API + "?topic=listed&minAge=5m").path("transactions").isEmpty())
        .isTrue();
    assertThat(server.json(API + "?group=nobody").path("transactions").isEmpty()).isTrue();
    JsonNode byKey = server.json(API + "?key=unique-a").path("transactions");
    assertThat(byKey.size()).isEqualTo(1);
    assertThat(byKey.get(0).path("handle").asString()).isEqualTo(handle);
    JsonNode shown = server.json(API + "/" + handle).path("transaction");
    assertThat(shown.path("state").asString()).isEqualTo("HELD");
    assertThat(shown.path("producerGroup").asString()).isEqualTo("producers");
    assertThat(Instant.parse(shown.path("open").path("nextCheckAt").asString()))
        .isAfter(Instant.parse(shown.path("heldAt").asString()));
  }

  @Test
  void aDecisionByHandNeedsReasonAndNameAndIsRecorded() throws Exception {
    String handle = SampleSend.half(door(), "by-hand", "k");
    assertThat(code(post(handle, "decision", "{\"decision\":\"commit\"}")))
        .isEqualTo("INVALID_PARAMETER");
    assertThat(
            code(post(handle, "decision", "{\"decision\":\"commit\",\"operator\":\"ann@desk\"}")))
        .isEqualTo("REASON_NEEDED");
    assertThat(
            code(
                post(
                    handle,
                    "decision",
                    "{\"decision\":\"maybe\",\"operator\":\"ann@desk\",\"reason\":\"r\"}")))
        .isEqualTo("INVALID_PARAMETER");

    HttpResponse<String> done = decide(handle, "commit");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(done.body()).path("outcome").asString()).isEqualTo("decided");
    assertThat(JSON.readTree(decide(handle, "commit").body()).path("outcome").asString())
        .isEqualTo("repeated");
    HttpResponse<String> refused = decide(handle, "rollback");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(code(refused)).isEqualTo("TRANSACTION_DECIDED");

    JsonNode shown = server.json(API + "/" + handle);
    assertThat(shown.path("transaction").path("state").asString()).isEqualTo("COMMITTED");
    assertThat(shown.path("transaction").path("offset").asLong(-1)).isZero();
    assertThat(shown.path("transaction").path("decided").path("by").asString())
        .isEqualTo("OPERATOR");
    assertThat(shown.path("transaction").path("decided").path("identity").asString())
        .isEqualTo("ann@desk");
    assertThat(shown.path("events").get(0).path("event").asString()).isEqualTo("CONFLICT");
    assertThat(
            server
                .json("/api/v1/messages?topic=by-hand&id=unique-k")
                .at("/messages/0/body")
                .asString())
        .isEqualTo("half of k");
  }

  @Test
  void whatIsNotThereOrNotParkedIsSaid() throws Exception {
    String unknown = "0000000000000001" + "0000000000000002";
    assertThat(server.get(API + "/" + unknown).statusCode()).isEqualTo(404);
    assertThat(code(decide(unknown, "commit"))).isEqualTo("TRANSACTION_NOT_FOUND");
    assertThat(code(server.get(API + "/xyz"))).isEqualTo("INVALID_PARAMETER");
    String held = SampleSend.half(door(), "not-parked", "k");
    HttpResponse<String> refused =
        post(held, "rearm", "{\"operator\":\"ann@desk\",\"reason\":\"r\"}");
    assertThat(code(refused)).isEqualTo("NOT_PARKED");
    for (String query :
        List.of("?state=lost", "?limit=0", "?limit=9999", "?cursor=x", "?minAge=soon")) {
      assertThat(code(server.get(API + query))).as(query).isEqualTo("INVALID_PARAMETER");
    }
  }

  @Test
  void conflictsAndExportsTellEveryDecisionOnce() throws Exception {
    Instant before = Instant.now();
    String committed = SampleSend.half(door(), "exported", "with,comma \"q\"");
    String rolledBack = SampleSend.half(door(), "exported", "r");
    SampleSend.end(door(), committed, Decision.COMMIT);
    SampleSend.end(door(), rolledBack, Decision.ROLLBACK);
    SampleSend.end(door(), rolledBack, Decision.COMMIT);

    JsonNode conflict = server.json(API + "/conflicts?from=" + before).at("/events/0");
    assertThat(conflict.path("recorded").asString()).isEqualTo("ROLLBACK");
    assertThat(conflict.path("requested").asString()).isEqualTo("COMMIT");

    HttpResponse<String> csv = server.get(API + "/export?from=" + before);
    assertThat(csv.headers().firstValue("X-EscrowMQ-Trail-Complete")).hasValue("true");
    List<String> lines = csv.body().lines().filter(line -> line.contains("exported")).toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst())
        .contains(
            ",COMMIT," + committed + ",\"unique-with,comma \"\"q\"\"\",producers,exported,0,0,")
        .contains(",PRODUCER,client-1,");
    assertThat(lines.getLast()).contains(",ROLLBACK," + rolledBack + ",unique-r,producers,");
    JsonNode json =
        server.json(API + "/export?format=json&zone=UTC&day=" + before.toString().substring(0, 10));
    assertThat(json.path("trailComplete").asBoolean()).isTrue();
    assertThat(json.path("count").asInt()).isEqualTo(json.path("decisions").size());
    assertThat(json.path("decisions").toString()).contains(committed, rolledBack);
    assertThat(code(server.get(API + "/export"))).isEqualTo("INVALID_PARAMETER");
    assertThat(code(server.get(API + "/export?day=someday"))).isEqualTo("INVALID_PARAMETER");
    assertThat(code(server.get(API + "/export?from=" + before + "&format=xml")))
        .isEqualTo("INVALID_PARAMETER");
  }

  @Test
  void theTimesToDecisionsAreAHistogram() throws Exception {
    SampleSend.end(door(), SampleSend.half(door(), "timed", "k"), Decision.COMMIT);
    assertThat(server.get("/actuator/prometheus").body())
        .contains("# TYPE escrowmq_broker_transaction_decision_seconds histogram")
        .contains("escrowmq_broker_transaction_decision_seconds_bucket{le=\"0.005\"}")
        .containsPattern("escrowmq_broker_transaction_decision_seconds_count [1-9]")
        .doesNotContain("decision_ms");
  }

  @Test
  void rulesOfGroupsAndTopicsAreSetShownAndRemoved() throws Exception {
    String rules = API + "/rules";
    HttpResponse<String> put =
        server.request(
            "PUT",
            rules + "/groups/ruled",
            "{\"first\":\"20s\",\"limit\":3,\"onGiveUp\":\"rollback\",\"operator\":\"ann@desk\"}");
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    JsonNode effective = server.json(rules + "/effective?group=ruled&topic=any");
    assertThat(effective.path("first").asString()).isEqualTo("20s");
    assertThat(effective.path("interval").asString()).isEqualTo("30s");
    assertThat(effective.path("onGiveUp").asString()).isEqualTo("rollback");
    assertThat(server.json(rules).at("/entries/0/name").asString()).isEqualTo("ruled");
    for (String wrong :
        List.of(
            "{\"first\":\"soon\",\"operator\":\"ann@desk\"}",
            "{\"backoffPercent\":5,\"operator\":\"ann@desk\"}",
            "{\"onGiveUp\":\"drop\",\"operator\":\"ann@desk\"}",
            "{\"limit\":3}")) {
      assertThat(code(server.request("PUT", rules + "/groups/ruled", wrong)))
          .as(wrong)
          .isEqualTo("INVALID_PARAMETER");
    }
    assertThat(
            code(
                server.request(
                    "PUT",
                    rules + "/topics/ruled",
                    "{\"onGiveUp\":\"rollback\",\"operator\":\"ann@desk\"}")))
        .isEqualTo("INVALID_PARAMETER");

    String data = "--data=" + directory;
    CliRun set =
        CliRun.of(
            "tx-rules", "set", "--topic", "t-1", "--interval", "1m", "--backoff", "160", data);
    assertThat(set.code()).as(set.err()).isZero();
    assertThat(CliRun.of("tx-rules", "list", data).out()).contains("t-1", "ruled", "160");
    assertThat(CliRun.of("tx-rules", "show", "--group", "ruled", "--topic", "t-1", data).out())
        .contains("interval 60s", "limit 3");
    assertThat(CliRun.of("tx-rules", "remove", "--topic", "t-1", data).code()).isZero();
    assertThat(CliRun.of("tx-rules", "remove", "--topic", "t-1", data).code()).isEqualTo(3);
    assertThat(CliRun.of("tx-rules", "remove", "--group", "ruled", data).code()).isZero();
    assertThat(server.json(rules).path("entries").isEmpty()).isTrue();
  }

  @Test
  void theCommandLineDoesTheSame() throws Exception {
    String data = "--data=" + directory;
    String handle = SampleSend.half(door(), "cli-tx", "c");
    CliRun list = CliRun.of("tx", "list", "--topic", "cli-tx", data);
    assertThat(list.out()).as(list.err()).contains(handle, "held", "unique-c");
    assertThat(CliRun.of("tx", "show", handle, data).out()).contains("HELD", "cli-tx");
    assertThat(CliRun.of("tx", "commit", handle, data).code()).isEqualTo(2);
    CliRun rearm = CliRun.of("tx", "rearm", handle, "--reason", "r", data);
    assertThat(rearm.code()).isEqualTo(4);
    assertThat(rearm.err()).contains("is not parked", "mq tx show");
    CliRun done =
        CliRun.of("tx", "rollback", handle, "--reason", "ticket 7", "--as", "ann@desk", data);
    assertThat(done.out()).as(done.err()).contains("is decided: rollback");
    assertThat(CliRun.of("tx", "commit", handle, "--reason", "r", data).code()).isEqualTo(4);
    assertThat(CliRun.of("tx", "show", handle, data).out())
        .contains("ROLLED_BACK", "ticket 7", "ann@desk", "CONFLICT");
    assertThat(CliRun.of("tx", "conflicts", data).out()).contains(handle);
    assertThat(CliRun.of("tx", "proposals", data).code()).isZero();
    String from = Instant.now().minusSeconds(60).toString();
    assertThat(CliRun.of("tx", "export", "--from", from, data).out()).contains(handle);
    Path file = directory.resolve("export.json");
    assertThat(
            CliRun.of("tx", "export", "--from", from, "--json", "--output", "" + file, data).code())
        .isZero();
    assertThat(JSON.readTree(Files.readString(file)).path("decisions").toString()).contains(handle);
    assertThat(CliRun.of("tx", "export", data).code()).isEqualTo(2);
    assertThat(CliRun.of("tx", "list", "--json", "--limit", "1", data).out())
        .contains("\"transactions\"");
  }

  private static HttpResponse<String> decide(String handle, String decision) throws Exception {
    return post(
        handle,
        "decision",
        "{\"decision\":\"" + decision + "\",\"operator\":\"ann@desk\",\"reason\":\"ticket 7\"}");
  }

  private static HttpResponse<String> post(String handle, String what, String body)
      throws Exception {
    return server.request("POST", API + "/" + handle + "/" + what, body);
  }

  private static String code(HttpResponse<String> answer) {
    return JSON.readTree(answer.body()).path("code").asString();
  }

  private static BrokerServices door() {
    return server.node().broker();
  }
}
