package io.escrowmq.protocol.remoting.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** JSON bodies, letter by letter. */
final class ResponseBodiesTest {
  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  @Test
  void routeInBothKeyStyles() {
    ResponseBodies.RouteData route =
        new ResponseBodies.RouteData("c", "b", "10.0.0.1:10911", 4, 8, 6, false);
    String quoted =
        "{\"brokerDatas\":[{\"brokerAddrs\":{\"0\":\"10.0.0.1:10911\"},\"brokerName\":\"b\","
            + "\"cluster\":\"c\",\"enableActingMaster\":false}],\"filterServerTable\":{},"
            + "\"queueDatas\":[{\"brokerName\":\"b\",\"perm\":6,\"readQueueNums\":4,"
            + "\"topicSysFlag\":0,\"writeQueueNums\":8}]}";
    assertThat(text(ResponseBodies.route(List.of(route), true))).isEqualTo(quoted);
    assertThat(text(ResponseBodies.route(List.of(route), false)))
        .isEqualTo(quoted.replace("{\"0\":", "{0:"));
  }

  @Test
  void orderedTopicsNameTheirQueues() {
    ResponseBodies.RouteData route =
        new ResponseBodies.RouteData("c", "b", "10.0.0.1:10911", 4, 8, 6, true);
    assertThat(text(ResponseBodies.route(List.of(route), true)))
        .contains("\"orderTopicConf\":\"b:8\"");
  }

  @Test
  void lists() {
    assertThat(text(ResponseBodies.consumerList(List.of("a", "b\""))))
        .isEqualTo("{\"consumerIdList\":[\"a\",\"b\\\"\"]}");
    assertThat(text(ResponseBodies.lockedQueues(List.of(new QueueRef("t", "b", 1)))))
        .isEqualTo("{\"lockOKMQSet\":[{\"brokerName\":\"b\",\"queueId\":1,\"topic\":\"t\"}]}");
  }

  @Test
  void objectsAsMapKeys() {
    JsonWriter json = new JsonWriter(64).startObject().name("offsetTable").startObject();
    for (int queue = 0; queue < 2; queue++) {
      ResponseBodies.queueRef(json, new QueueRef("t", "b", queue)).endKey().number(7 + queue);
    }
    assertThat(json.endObject().endObject().toString())
        .isEqualTo(
            "{\"offsetTable\":{{\"brokerName\":\"b\",\"queueId\":0,\"topic\":\"t\"}:7,"
                + "{\"brokerName\":\"b\",\"queueId\":1,\"topic\":\"t\"}:8}}");
  }
}
