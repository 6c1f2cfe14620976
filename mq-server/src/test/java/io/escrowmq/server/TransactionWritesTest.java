package io.escrowmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Transactions of several messages over REST: what is answered to right and to wrong requests. */
final class TransactionWritesTest {

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
  void everyRequestMayBeRepeatedAndEverythingAppearsAtOnce() throws Exception {
    HttpResponse<String> opened = post("", "{\"group\":\"g\",\"key\":\"whole\"}");
    assertThat(opened.statusCode()).isEqualTo(201);
    String id = json(opened).path("id").asString();
    HttpResponse<String> again = post("", "{\"group\":\"g\",\"key\":\"whole\"}");
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(json(again).path("id").asString()).isEqualTo(id);
    assertThat(json(again).path("repeated").asBoolean()).isTrue();

    String first = message(0, "whole", "\"body\":\"one\",\"orderingKey\":\"k\",\"tags\":\"eur\"");
    JsonNode added = json(add(id, first));
    assertThat(added.path("repeated").asBoolean()).isFalse();
    JsonNode addedAgain = json(add(id, first));
    assertThat(addedAgain.path("repeated").asBoolean()).isTrue();
    assertThat(addedAgain.path("queue").asInt()).isEqualTo(added.path("queue").asInt());
    assertThat(
            add(id, message(1, "whole", "\"bodyBase64\":\"dHdv\",\"keys\":\"a b\"")).statusCode())
        .isEqualTo(200);
    JsonNode view = server.json(API + "/" + id + "/messages?group=g");
    assertThat(view.path("state").asString()).isEqualTo("OPEN");
    assertThat(view.path("messages").size()).isEqualTo(2);
    assertThat(visible("whole", "a")).isZero();

    assertThat(code(commit(id, "[0,1,2]"), 409)).isEqualTo("TRANSACTION_INCOMPLETE");
    assertThat(visible("whole", "a")).isZero();
    JsonNode decided = json(commit(id, "[0,1]"));
    assertThat(decided.path("decision").asString()).isEqualTo("COMMIT");
    assertThat(decided.path("repeated").asBoolean()).isFalse();
    assertThat(decided.path("messages").size()).isEqualTo(2);
    assertThat(visible("whole", "a")).isEqualTo(1);

    assertThat(json(commit(id, "[0,1]")).path("repeated").asBoolean()).isTrue();
    assertThat(visible("whole", "a")).isEqualTo(1);
    for (String others : List.of("[0]", "[]", "[0,1,2]")) {
      HttpResponse<String> other = commit(id, others);
      assertThat(code(other, 409)).isEqualTo("TRANSACTION_CONFLICT");
      assertThat(json(other).path("detail").asString()).contains("with the messages [0, 1]");
      assertThat(json(other).path("hint").asString()).contains("with the same messages");
    }
    assertThat(code(rollback(id, "g"), 409)).isEqualTo("TRANSACTION_CONFLICT");
    assertThat(code(add(id, first), 409)).isEqualTo("TRANSACTION_DECIDED");
    assertThat(code(post("", "{\"group\":\"g\",\"key\":\"whole\"}"), 409))
        .isEqualTo("TRANSACTION_DECIDED");
  }

  @Test
  void aRollbackDropsEverything() throws Exception {
    String id = open("dropped");
    add(id, message(0, "dropped", "\"body\":\"x\",\"keys\":\"a\""));
    assertThat(json(rollback(id, "g")).path("decision").asString()).isEqualTo("ROLLBACK");
    assertThat(json(rollback(id, "g")).path("repeated").asBoolean()).isTrue();
    assertThat(code(commit(id, "[0]"), 409)).isEqualTo("TRANSACTION_CONFLICT");
    assertThat(visible("dropped", "a")).isZero();
    assertThat(server.json(API + "/" + id + "/messages?group=g").path("state").asString())
        .isEqualTo("ROLLED_BACK");
  }

  @Test
  void aDeliveryTimeIsKept() throws Exception {
    String id = open("later");
    String far = "\"body\":\"x\",\"keys\":\"a\",\"deliverAt\":4102444800000";
    assertThat(code(add(id, message(0, "later", far)), 400)).isEqualTo("MESSAGE_ILLEGAL");
    long inAnHour = java.time.Instant.now().plusSeconds(3600).toEpochMilli();
    assertThat(
            add(id, message(0, "later", far.replace("4102444800000", "" + inAnHour))).statusCode())
        .isEqualTo(200);
    JsonNode placed = json(commit(id, "[0]")).path("messages").get(0);
    assertThat(placed.path("queueOffset").asLong()).isEqualTo(-1);
    assertThat(placed.path("visibleAtMs").asLong()).isPositive();
    assertThat(visible("later", "a")).isZero();
  }

  @Test
  void whatIsMissingOrWrongIsSaidAndChangesNothing() throws Exception {
    String id = open("wrong");
    Map<String, String> wrong =
        Map.of(
            "{}",
            "'sequence'",
            "{\"sequence\":0}",
            "'group'",
            "{\"sequence\":0,\"group\":\"g\"}",
            "'topic'",
            "{\"sequence\":0,\"group\":\"g\",\"topic\":\"wrong\"}",
            "'body'",
            message(0, "wrong", "\"body\":\"x\",\"bodyBase64\":\"eA==\""),
            "exclude each other",
            message(0, "wrong", "\"bodyBase64\":\"=\""),
            "not Base64",
            message(0, "wrong", "\"body\":\"x\",\"properties\":{\"a\":\"b\\u0001c\"}"),
            "control",
            message(0, "wrong", "\"body\":\"x\",\"properties\":{\"TRAN_MSG\":\"true\"}"),
            "TRAN_MSG",
            message(1024, "wrong", "\"body\":\"x\""),
            "1024");
    for (Map.Entry<String, String> request : wrong.entrySet()) {
      HttpResponse<String> answer = add(id, request.getKey());
      assertThat(code(answer, 400)).as(request.getKey()).isEqualTo("INVALID_PARAMETER");
      assertThat(json(answer).path("detail").asString()).contains(request.getValue());
      assertThat(json(answer).path("hint").asString()).isNotBlank();
    }
    assertThat(code(post("", "{\"group\":\"g\"}"), 400)).isEqualTo("INVALID_PARAMETER");
    assertThat(code(post("", "{\"group\":\"g\",\"key\":\"\"}"), 400))
        .isEqualTo("INVALID_PARAMETER");
    assertThat(code(post("", "{\"group\":\"g\",\"key\":\"n\",\"checkImmunitySeconds\":-1}"), 400))
        .isEqualTo("INVALID_PARAMETER");
    assertThat(code(post("", "no json"), 400)).isEqualTo("INVALID_REQUEST");
    assertThat(code(post("/" + id + "/commit", "{\"group\":\"g\"}"), 400))
        .isEqualTo("INVALID_PARAMETER");
    assertThat(code(post("/" + id + "/rollback", "{}"), 400)).isEqualTo("INVALID_PARAMETER");
    assertThat(server.json(API + "/" + id + "/messages?group=g").path("messages").isEmpty())
        .isTrue();
  }

  @Test
  void othersTransactionsAndUnknownOnesAreNotTouched() throws Exception {
    String id = open("mine");
    assertThat(
            code(add(id, message(0, "mine", "\"body\":\"x\"").replace("\"g\"", "\"other\"")), 403))
        .isEqualTo("NO_PERMISSION");
    assertThat(code(rollback(id, "other"), 403)).isEqualTo("NO_PERMISSION");
    assertThat(code(server.get(API + "/" + id + "/messages?group=other"), 403))
        .isEqualTo("NO_PERMISSION");
    for (String unknown : new String[] {"0".repeat(32), "zz"}) {
      assertThat(code(add(unknown, message(0, "mine", "\"body\":\"x\"")), 404))
          .isEqualTo("TRANSACTION_NOT_FOUND");
      assertThat(code(commit(unknown, "[]"), 404)).isEqualTo("TRANSACTION_NOT_FOUND");
      assertThat(code(rollback(unknown, "g"), 404)).isEqualTo("TRANSACTION_NOT_FOUND");
    }
    String first = message(0, "mine", "\"body\":\"x\"");
    add(id, first);
    assertThat(code(add(id, first.replace("\"x\"", "\"y\"")), 409)).isEqualTo("ILLEGAL_OPERATION");
    assertThat(json(commit(id, "[0]")).path("decision").asString()).isEqualTo("COMMIT");
  }

  private static String open(String key) throws Exception {
    return json(post("", "{\"group\":\"g\",\"key\":\"" + key + "\"}")).path("id").asString();
  }

  private static String message(int sequence, String topic, String more) {
    return "{\"group\":\"g\",\"sequence\":"
        + sequence
        + ",\"topic\":\""
        + topic
        + "\","
        + more
        + "}";
  }

  private static HttpResponse<String> add(String id, String message) throws Exception {
    return post("/" + id + "/messages", message);
  }

  private static HttpResponse<String> commit(String id, String numbers) throws Exception {
    return post("/" + id + "/commit", "{\"group\":\"g\",\"messages\":" + numbers + "}");
  }

  private static HttpResponse<String> rollback(String id, String group) throws Exception {
    return post("/" + id + "/rollback", "{\"group\":\"" + group + "\"}");
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return server.request("POST", API + path, body);
  }

  private static int visible(String topic, String key) throws Exception {
    return server.json("/api/v1/messages?topic=" + topic + "&key=" + key).path("messages").size();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  private static String code(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return json(answer).path("code").asString();
  }
}
