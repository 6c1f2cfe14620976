package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.WireClient.Received;
import io.escrowmq.protocol.remoting.request.RequestParser;
import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.Language;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.protocol.security.User;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.QueueId;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is let in, and to what. */
final class AccessTest {
  private static final int NO_PERMISSION = 16;

  private static final Signed ADMIN = new Signed("admin", "admin-secret");
  private static final Signed APP = new Signed("app", "app-secret");
  private static final Signed NOBODY = new Signed("nobody", "no-secret");

  private final ServerFixture fixture = new ServerFixture(Map.of(), enforcing());
  private WireClient client;

  private static FakeBroker enforcing() {
    FakeBroker broker = new FakeBroker();
    broker.authority.enforced = true;
    broker.authority.user("admin", "admin-secret", User.Type.SUPER);
    broker.authority.user("nobody", "no-secret", User.Type.NORMAL);
    broker.authority.user(
        "app",
        "app-secret",
        User.Type.NORMAL,
        "Topic:orders",
        "Pub",
        "Topic:news",
        "Sub",
        "Group:readers",
        "Sub");
    return broker;
  }

  @BeforeEach
  void connect() throws IOException {
    client = fixture.client();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    fixture.close();
  }

  @Test
  void signedRequestsAreServedInBothHeaderEncodings() throws IOException {
    byte[] body = "grüße, 你好".getBytes(UTF_8);
    for (HeaderEncoding encoding : HeaderEncoding.values()) {
      try (WireClient either = fixture.client(encoding)) {
        Map<String, String> fields = send("orders");
        fields.put("i", "KEYS\u0001schlüssel\u0002empty\u0001\u0002");
        fields.put("n", "");
        assertThat(APP.call(either, 310, fields, body).code()).isZero();
      }
    }
    assertThat(fixture.broker.sent).hasSize(2);
  }

  @Test
  void aRequestThatIsNotSignedSaysWhatToDo() throws IOException {
    Received answer = client.call(310, send("orders"), new byte[1]);
    assertThat(answer.code()).isEqualTo(NO_PERMISSION);
    assertThat(answer.command().remark()).contains("not signed", "AclClientRPCHook");
    assertThat(fixture.broker.sent).isEmpty();
    assertThat(fixture.statistic("access-denied-total")).isEqualTo(1);
  }

  @Test
  void wrongSecretsUnknownUsersAndChangedRequestsAreRefused() throws IOException {
    byte[] body = {1, 2, 3};
    refused(new Signed("app", "other").call(client, 310, send("orders"), body));
    refused(new Signed("stranger", "x").call(client, 310, send("orders"), body));
    refused(client.call(310, APP.sign(send("orders"), body), new byte[] {1, 2, 4}));
    Map<String, String> changed = APP.sign(send("orders"), body);
    changed.put("e", "1");
    refused(client.call(310, changed, body));
    changed = APP.sign(send("orders"), body);
    changed.put("Signature", "");
    refused(client.call(310, changed, body));
    assertThat(fixture.broker.sent).isEmpty();
    assertThat(APP.call(client, 310, send("orders"), body).code()).isZero();
  }

  private static void refused(Received answer) {
    assertThat(answer.code()).isEqualTo(NO_PERMISSION);
    assertThat(answer.command().remark()).contains("Check access key and secret key");
  }

  @Test
  void fieldsThatClientsAddAfterSigningAreLeftOut() throws IOException {
    Map<String, String> zoned = APP.sign(send("orders"), new byte[0]);
    zoned.put("__ZONE_NAME", "z");
    zoned.put("__ZONE_MODE", "m");
    assertThat(client.call(310, zoned).code()).isZero();
    Map<String, String> retried = send("orders");
    retried.put("__ZONE_NAME", "z");
    assertThat(client.call(310, APP.sign(retried, new byte[0])).code()).isZero();
    assertThat(queriedBy(399)).isNotEqualTo(NO_PERMISSION);
    assertThat(queriedBy(401)).isEqualTo(NO_PERMISSION);
  }

  /** What a client of this version gets that adds the flag of a query by id after signing. */
  private int queriedBy(int version) throws IOException {
    Map<String, String> query = new HashMap<>();
    query.putAll(Map.of("topic", "news", "key", "k", "maxNum", "1"));
    query.putAll(Map.of("beginTimestamp", "0", "endTimestamp", "9"));
    query = APP.sign(query, new byte[0]);
    query.put("_UNIQUE_KEY_QUERY", "true");
    client.raw(
        WireClient.encode(
            new RemotingCommand(12, Language.JAVA, version, 7, 0, null, query, HeaderEncoding.JSON),
            new byte[0]));
    return client.receive().code();
  }

  @Test
  void aUserMayWhatItsListSays() throws IOException {
    assertThat(APP.call(client, 310, send("orders")).code()).isZero();
    forbidden(APP.call(client, 310, send("news")), "Pub", "Topic:news");
    forbidden(APP.call(client, 11, pull("readers", "orders")), "Sub", "Topic:orders");
    forbidden(APP.call(client, 11, pull("others", "news")), "Sub", "Group:others");
    assertThat(APP.call(client, 11, pull("readers", "news")).code()).isNotEqualTo(NO_PERMISSION);
    assertThat(APP.call(client, 310, send("%RETRY%readers")).code()).isZero();
    forbidden(APP.call(client, 310, send("%RETRY%others")), "Sub", "Group:others");
    forbidden(APP.call(client, 17, union()), "Create", "Topic:secret");
  }

  private static void forbidden(Received answer, String... words) {
    assertThat(answer.code()).isEqualTo(NO_PERMISSION);
    assertThat(answer.command().remark()).contains("user app may not").contains(words);
  }

  @Test
  void changesOfRightsHoldForTheNextRequest() throws IOException {
    assertThat(APP.call(client, 310, send("orders")).code()).isZero();
    fixture.broker.authority.user("app", "new-secret", User.Type.NORMAL, "Topic:news", "Pub");
    refused(APP.call(client, 310, send("news")));
    Signed renewed = new Signed("app", "new-secret");
    assertThat(renewed.call(client, 310, send("news")).code()).isZero();
    assertThat(renewed.call(client, 310, send("orders")).code()).isEqualTo(NO_PERMISSION);
  }

  @Test
  void usersMayShareAConnection() throws IOException {
    assertThat(ADMIN.call(client, 310, send("secret")).code()).isZero();
    assertThat(APP.call(client, 310, send("secret")).code()).isEqualTo(NO_PERMISSION);
    assertThat(ADMIN.call(client, 310, send("secret")).code()).isZero();
  }

  @Test
  void everyRequestIsAuthorized() throws Exception {
    RequestParser parser = new RequestParser(FrameLimits.DEFAULT);
    Received stored = ADMIN.call(client, 310, send("secret"));
    Map<String, String> fields = union();
    String id = stored.field("msgId");
    fields.put("offset", Long.toString(Long.parseUnsignedLong(id.substring(id.length() - 16), 16)));
    List<Integer> allowed = new ArrayList<>();
    int handled = 0;
    for (int code : codes()) {
      assertThat(client.call(code, fields, body(code)).code())
          .as("unsigned %s", code)
          .isEqualTo(16);
      RemotingCommand command =
          RemotingCommand.request(code, 1, false, fields, HeaderEncoding.JSON);
      if (parser.parse(command, ByteBuffer.wrap(body(code))).isEmpty()) {
        continue;
      }
      handled++;
      Received answer = NOBODY.call(client, code, fields, body(code));
      if (answer.code() != NO_PERMISSION) {
        allowed.add(code);
      }
    }
    assertThat(handled).isGreaterThan(70);
    assertThat(allowed)
        .as("known users may ask for routes, and for nothing else without a right")
        .containsExactly(RequestCodes.GET_ROUTEINFO_BY_TOPIC);
    assertThat(client.call(4711, Map.of()).code()).isEqualTo(NO_PERMISSION);
  }

  private static List<Integer> codes() throws IllegalAccessException {
    List<Integer> codes = new ArrayList<>();
    for (Field field : RequestCodes.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        codes.add(field.getInt(null));
      }
    }
    return codes;
  }

  private static List<String> words(String text) {
    return List.of(text.split(" ", -1));
  }

  /** Every field that some request needs. */
  private static Map<String, String> union() {
    Map<String, String> fields = send("secret");
    for (String topic : words("topic originTopic")) {
      fields.put(topic, "secret");
    }
    for (String group :
        words("group groupName consumerGroup producerGroup srcGroup destGroup compareGroup")) {
      fields.put(group, "others");
    }
    for (String number :
        words(
            "queueId queueOffset offset timestamp maxMsgNums sysFlag maxNum "
                + "beginTimestamp endTimestamp commitOffset tranStateTableOffset "
                + "commitLogOffset commitOrRollback delayLevel bornTimestamp "
                + "invisibleTime pollTime initMode index count popTime bornTime")) {
      fields.put(number, "0");
    }
    for (String number : words("readQueueNums writeQueueNums perm")) {
      fields.put(number, "4");
    }
    for (String text :
        words(
            "clientID clientId msgId key namespace value cluster brokerName "
                + "recallHandle statsName statsKey readable filterGroups username")) {
      fields.put(text, "x");
    }
    fields.put("subject", "User:x");
    fields.putAll(Map.of("transactionId", "x", "transactionKey", "x", "sequence", "0"));
    fields.putAll(Map.of("decision", "ROLLBACK", "properties", ""));
    fields.put("extraInfo", "0 1 1 1 0 x 0 0");
    return fields;
  }

  private static byte[] body(int code) {
    String queue = "{\"topic\":\"secret\",\"brokerName\":\"b\",\"queueId\":0}";
    String entry = "{\"resource\":\"*\",\"actions\":[\"All\"],\"decision\":\"Allow\"}";
    String text =
        switch (code) {
          case RequestCodes.HEART_BEAT ->
              "{\"clientID\":\"x\",\"consumerDataSet\":[{\"groupName\":\"others\"}]}";
          case RequestCodes.CHECK_CLIENT_CONFIG ->
              "{\"group\":\"others\",\"subscriptionData\":{\"topic\":\"secret\"}}";
          case RequestCodes.LOCK_BATCH_MQ, RequestCodes.UNLOCK_BATCH_MQ ->
              "{\"consumerGroup\":\"others\",\"clientId\":\"x\",\"mqSet\":[" + queue + "]}";
          case RequestCodes.UPDATE_AND_CREATE_TOPIC_LIST ->
              "{\"topicConfigList\":[{\"topicName\":\"secret\"}]}";
          case RequestCodes.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP -> "{\"groupName\":\"others\"}";
          case RequestCodes.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST ->
              "{\"groupConfigList\":[{\"groupName\":\"others\"}]}";
          case RequestCodes.QUERY_ASSIGNMENT, RequestCodes.SET_MESSAGE_REQUEST_MODE ->
              "{\"consumerGroup\":\"others\",\"topic\":\"secret\"}";
          case RequestCodes.BATCH_ACK_MESSAGE ->
              "{\"acks\":[{\"c\":\"others\",\"t\":\"secret\",\"pt\":1,\"b\":\"AQ==\"}]}";
          case RequestCodes.AUTH_CREATE_ACL, RequestCodes.AUTH_UPDATE_ACL ->
              "{\"policies\":[{\"entries\":[" + entry + "]}]}";
          default -> "{}";
        };
    return text.getBytes(UTF_8);
  }

  @Test
  void aMessageThatIsNamedByItsAddressOnlyIsItsTopics() throws IOException {
    String news = ADMIN.call(client, 310, send("news")).field("msgId");
    String secret = ADMIN.call(client, 310, send("secret")).field("msgId");
    assertThat(APP.call(client, 33, at(news)).code()).isZero();
    forbidden(APP.call(client, 33, at(secret)), "Topic:secret");
    assertThat(APP.call(client, 36, back(news)).code()).isZero();
    forbidden(APP.call(client, 36, back(secret)), "Sub", "Topic:secret");
    assertThat(fixture.broker.sentBack).hasSize(1);
  }

  private static Map<String, String> at(String id) {
    long position = Long.parseUnsignedLong(id.substring(id.length() - 16), 16);
    return Map.of("offset", Long.toString(position));
  }

  private static Map<String, String> back(String id) {
    Map<String, String> fields = new HashMap<>(at(id));
    fields.putAll(Map.of("group", "readers", "delayLevel", "0"));
    return fields;
  }

  @Test
  void onlyWhoMaySendATopicIsAskedAboutItsTransactions() throws IOException {
    String beat = "{\"clientID\":\"spy\",\"producerDataSet\":[{\"groupName\":\"pg\"}]}";
    assertThat(APP.call(client, 34, Map.of(), beat.getBytes(UTF_8)).code()).isZero();
    var connection = fixture.broker.clients.get("spy");
    assertThat(connection.push(check("secret"))).isFalse();
    assertThat(connection.push(check("orders"))).isTrue();
    assertThat(client.receive().field("topic")).isEqualTo("orders");
    // Of several messages it is the group that is granted.
    assertThat(connection.push(check("EMQ_SYS_TX_JOINT"))).isFalse();
    fixture.broker.authority.user(
        "app", "app-secret", User.Type.NORMAL, "Topic:orders", "Pub", "Group:pg", "Pub");
    assertThat(connection.push(check("EMQ_SYS_TX_JOINT"))).isTrue();
  }

  private static ServerPush check(String topic) {
    Message half =
        new MessageBuilder()
            .queue(new QueueId(topic, 0))
            .bornHost(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
            .storeHost(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
            .propertiesText("")
            .body(ByteBuffer.allocate(1))
            .build();
    return new ServerPush.CheckTransaction("pg", new TransactionHandle(1, 2), "tx", half);
  }

  @Test
  void heartbeatsAreForWhoMayConsumeAllOfIt() throws IOException {
    String beat =
        "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"readers\","
            + "\"subscriptionDataSet\":[{\"topic\":\"%s\"},{\"topic\":\"%%RETRY%%readers\"}]}]}";
    assertThat(APP.call(client, 34, Map.of(), beat.formatted("news").getBytes(UTF_8)).code())
        .isZero();
    forbidden(
        APP.call(client, 34, Map.of(), beat.formatted("orders").getBytes(UTF_8)), "Topic:orders");
  }

  @Test
  void whereNobodyIsAskedSignaturesDoNotMatter() throws IOException {
    try (ServerFixture open = new ServerFixture();
        WireClient any = open.client()) {
      assertThat(any.call(310, send("secret")).code()).isZero();
      assertThat(new Signed("who", "ever").call(any, 310, send("secret")).code()).isZero();
    }
  }

  @Test
  void everyActionThatOnlySuperUsersHaveIsRefusedToOthers() throws IOException {
    fixture.broker.authority.user("chief", "c", User.Type.NORMAL, "*", "All");
    Signed chief = new Signed("chief", "c");
    assertThat(chief.call(client, 25, Map.of()).command().remark()).contains("restart");
    for (int code : Set.of(3001, 3002, 3003, 3006, 3007, 3008)) {
      Received answer = chief.call(client, code, union(), body(code));
      assertThat(answer.code()).as("request %s", code).isEqualTo(NO_PERMISSION);
      assertThat(answer.command().remark()).contains("only super users");
    }
  }

  private static Map<String, String> send(String topic) {
    Map<String, String> fields = new HashMap<>();
    fields.putAll(Map.of("a", "pg", "b", topic, "e", "0", "f", "0", "g", "5"));
    return fields;
  }

  private static Map<String, String> pull(String group, String topic) {
    Map<String, String> fields = new HashMap<>();
    fields.putAll(Map.of("consumerGroup", group, "topic", topic, "queueId", "0"));
    fields.putAll(Map.of("queueOffset", "0", "maxMsgNums", "1", "sysFlag", "4"));
    fields.putAll(Map.of("subscription", "*", "subVersion", "1"));
    return fields;
  }
}
