package io.escrowmq.protocol.remoting.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.protocol.remoting.Golden;
import io.escrowmq.protocol.remoting.request.RemotingRequest.EndTransaction;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Send;
import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request of the client core, parsed; and every required field, missing. */
final class RequestParserTest {
  private static final RequestParser PARSER = new RequestParser(FrameLimits.DEFAULT);
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private static final Map<String, String> QUEUE = Map.of("topic", "T", "queueId", "3");

  private static RemotingCommand command(int code, Map<String, String> fields) {
    return RemotingCommand.request(code, 1, false, fields, HeaderEncoding.JSON);
  }

  private static RemotingRequest parse(int code, Map<String, String> fields) {
    return PARSER.parse(command(code, fields), NOTHING).orElseThrow();
  }

  private static RemotingRequest parse(int code, byte[] body) {
    return PARSER.parse(command(code, Map.of()), ByteBuffer.wrap(body)).orElseThrow();
  }

  private static Map<String, String> with(Map<String, String> base, String... more) {
    Map<String, String> all = new LinkedHashMap<>(base);
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    return all;
  }

  private static Map<String, String> with(String... all) {
    return with(Map.of(), all);
  }

  /** Code and exactly the required fields of each request that is made of fields. */
  static List<Map.Entry<Integer, Map<String, String>>> required() {
    Map<String, String> send =
        with("producerGroup", "pg", "topic", "T", "queueId", "1", "sysFlag", "0");
    send.put("bornTimestamp", "5");
    Map<String, String> shortSend = with("a", "pg", "b", "T", "e", "1", "f", "0", "g", "5");
    Map<String, String> pull =
        with(QUEUE, "consumerGroup", "cg", "queueOffset", "9", "maxMsgNums", "32", "sysFlag", "2");
    return List.of(
        Map.entry(10, send),
        Map.entry(324, send),
        Map.entry(310, shortSend),
        Map.entry(320, shortSend),
        Map.entry(325, shortSend),
        Map.entry(11, pull),
        Map.entry(361, pull),
        Map.entry(
            12,
            with(
                "topic",
                "T",
                "key",
                "k",
                "maxNum",
                "32",
                "beginTimestamp",
                "0",
                "endTimestamp",
                "9")),
        Map.entry(33, with("offset", "77")),
        Map.entry(14, with(QUEUE, "consumerGroup", "cg")),
        Map.entry(15, with(QUEUE, "consumerGroup", "cg", "commitOffset", "4")),
        Map.entry(29, with(QUEUE, "timestamp", "1000")),
        Map.entry(30, QUEUE),
        Map.entry(31, QUEUE),
        Map.entry(32, QUEUE),
        Map.entry(35, with("clientID", "c")),
        Map.entry(36, with("offset", "5", "group", "cg", "delayLevel", "0")),
        Map.entry(
            37,
            with(
                "producerGroup",
                "pg",
                "tranStateTableOffset",
                "1",
                "commitLogOffset",
                "2",
                "commitOrRollback",
                "12")),
        Map.entry(38, with("consumerGroup", "cg")),
        Map.entry(105, with("topic", "T")),
        Map.entry(370, with("topic", "T", "recallHandle", "h")),
        Map.entry(
            17, with("topic", "T", "readQueueNums", "4", "writeQueueNums", "4", "perm", "6")));
  }

  @ParameterizedTest
  @MethodSource("required")
  void requiredFields(Map.Entry<Integer, Map<String, String>> request) {
    assertThat(PARSER.parse(command(request.getKey(), request.getValue()), NOTHING)).isPresent();
    for (String name : request.getValue().keySet()) {
      Map<String, String> fields = new HashMap<>(request.getValue());
      fields.remove(name);
      assertThatThrownBy(() -> parse(request.getKey(), fields))
          .isInstanceOf(ProtocolException.class)
          .hasMessageContaining("request " + request.getKey())
          .hasMessageContaining("'" + name + "'")
          .hasMessageContaining("is missing");
    }
  }

  @ParameterizedTest
  @MethodSource("required")
  void numbersAreChecked(Map.Entry<Integer, Map<String, String>> request) {
    for (String name : request.getValue().keySet()) {
      if (Character.isDigit(request.getValue().get(name).charAt(0))) {
        Map<String, String> fields = new HashMap<>(request.getValue());
        fields.put(name, "many");
        assertThatThrownBy(() -> parse(request.getKey(), fields))
            .hasMessageContaining("'" + name + "' is not a whole number");
      }
    }
  }

  @Test
  void sendInBothSpellings() {
    Map<String, String> longNames =
        with("producerGroup", "pg", "topic", "T", "defaultTopic", "TBW102", "queueId", "-1");
    longNames.putAll(
        with("defaultTopicQueueNums", "4", "sysFlag", "4", "bornTimestamp", "5", "flag", "6"));
    longNames.putAll(
        with("properties", "A\u0001b", "reconsumeTimes", "2", "maxReconsumeTimes", "16"));
    Map<String, String> shortNames =
        with("a", "pg", "b", "T", "c", "TBW102", "d", "4", "e", "-1", "f", "4", "g", "5");
    shortNames.putAll(with("h", "6", "i", "A\u0001b", "j", "2", "l", "16"));
    Send expected =
        new Send(Send.Kind.SINGLE, "pg", "T", "TBW102", 4, -1, 4, 5, 6, "A\u0001b", 2, 16, NOTHING);
    assertThat(parse(10, longNames)).isEqualTo(expected);
    assertThat(parse(310, shortNames)).isEqualTo(expected);
    assertThat(((Send) parse(320, shortNames)).kind()).isEqualTo(Send.Kind.BATCH);
    assertThat(((Send) parse(310, with(shortNames, "m", "true"))).kind())
        .isEqualTo(Send.Kind.BATCH);
    assertThat(((Send) parse(324, longNames)).kind()).isEqualTo(Send.Kind.REPLY);
    assertThat(((Send) parse(325, shortNames)).kind()).isEqualTo(Send.Kind.REPLY);
  }

  @Test
  void endTransaction() {
    Map<String, String> fields =
        with("producerGroup", "pg", "tranStateTableOffset", "1", "commitLogOffset", "2");
    fields.putAll(with("commitOrRollback", "8", "msgId", "U", "fromTransactionCheck", "true"));
    assertThat(parse(37, fields))
        .isEqualTo(
            new EndTransaction(null, "pg", 1, 2, EndTransaction.Decision.COMMIT, true, "U", null));
    assertThatThrownBy(() -> parse(37, with(fields, "commitOrRollback", "9")))
        .hasMessageContaining("commitOrRollback");
  }

  @Test
  void pullFlags() {
    Map<String, String> fields =
        with(QUEUE, "consumerGroup", "cg", "queueOffset", "9", "maxMsgNums", "32", "sysFlag", "7");
    RemotingRequest.Pull pull = (RemotingRequest.Pull) parse(11, fields);
    assertThat(pull.commitsOffset()).isTrue();
    assertThat(pull.mayWait()).isTrue();
    assertThat(pull.carriesSubscription()).isTrue();
    assertThat(pull.maxBytes()).isEqualTo(-1);
  }

  @Test
  void numericKeysAreBareOnlyForOldClients() {
    RemotingRequest.Route modern = (RemotingRequest.Route) parse(105, Map.of("topic", "T"));
    assertThat(modern.quotedKeys()).isTrue();
    RemotingCommand old =
        new RemotingCommand(
            105,
            io.escrowmq.protocol.remoting.wire.Language.JAVA,
            400,
            1,
            0,
            null,
            Map.of("topic", "T"),
            HeaderEncoding.JSON);
    assertThat(PARSER.parse(old, NOTHING)).contains(new RemotingRequest.Route("T", false));
  }

  @Test
  void topicAttributes() {
    Map<String, String> fields =
        with("topic", "T", "readQueueNums", "4", "writeQueueNums", "8", "perm", "6");
    RemotingRequest.CreateTopic create =
        (RemotingRequest.CreateTopic)
            parse(17, with(fields, "attributes", "+message.type=FIFO, -old", "order", "true"));
    assertThat(create.attributes())
        .containsExactly(Map.entry("+message.type", "FIFO"), Map.entry("-old", ""));
    assertThat(create.ordered()).isTrue();
    for (String bad : List.of("message.type=FIFO", "+a=1,+a=2", "=")) {
      assertThatThrownBy(() -> parse(17, with(fields, "attributes", bad)))
          .hasMessageContaining("attributes");
    }
  }

  @Test
  void officialHeartbeat() {
    Heartbeat heartbeat =
        ((RemotingRequest.HeartBeat) parse(34, Golden.bytes("heartbeat"))).heartbeat();
    assertThat(heartbeat.clientId()).isEqualTo("10.0.0.9@77#1");
    assertThat(heartbeat.producerGroups()).containsExactly("pg");
    assertThat(heartbeat.withoutSubscriptions()).isFalse();
    assertThat(heartbeat.consumers())
        .containsExactly(
            new Heartbeat.Consumer(
                "cg",
                "CONSUME_PASSIVELY",
                true,
                "CONSUME_FROM_FIRST_OFFSET",
                List.of(
                    new RemotingRequest.Subscription(
                        "Orders", "a || b", "TAG", 99, List.of("a", "b"), false))));
  }

  @Test
  void officialLockBody() {
    RemotingRequest.LockQueues lock = (RemotingRequest.LockQueues) parse(41, Golden.bytes("lock"));
    assertThat(lock.locks())
        .isEqualTo(
            new RemotingRequest.QueueLocks(
                "cg", "10.0.0.9@77#1", List.of(new QueueRef("Orders", "broker-a", 3))));
    assertThat(parse(42, Golden.bytes("lock")))
        .isEqualTo(new RemotingRequest.UnlockQueues(lock.locks()));
  }

  @Test
  void officialSubscriptionCheck() {
    RemotingRequest.CheckSubscription check =
        (RemotingRequest.CheckSubscription) parse(46, Golden.bytes("check"));
    assertThat(check.group()).isEqualTo("cg");
    assertThat(check.subscription().expression()).isEqualTo("a || b");
    assertThat(check.subscription().byClass()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"clientID\":{}}",
        "{\"clientID\":\"c\",\"consumerDataSet\":7}",
        "{\"clientID\":\"c\",\"consumerDataSet\":[{}]}",
        "{\"clientID\":\"c\"",
        "nonsense",
        "{\"clientID\":\"c\",\"heartbeatFingerprint\":99999999999}"
      })
  void malformedHeartbeat(String body) {
    assertThatThrownBy(() -> parse(34, body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            ProtocolException.class,
            e -> assertThat(e.fault()).isEqualTo(ProtocolException.Fault.BAD_BODY))
        .hasMessageContaining("heartbeat");
  }

  @Test
  void oversizedJsonBody() {
    byte[] body = new byte[FrameLimits.DEFAULT.maxJsonBodyBytes() + 1];
    assertThatThrownBy(() -> parse(34, body)).hasMessageContaining("more than the");
  }

  @Test
  void unknownCode() {
    assertThat(PARSER.parse(command(4711, Map.of()), NOTHING)).isEmpty();
  }
}
