package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.WireClient.Received;
import io.escrowmq.spi.protocol.security.User;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users and access control lists, byte by byte as the official tools read them. */
final class AccessToolsTest {
  private static final Signed ADMIN = new Signed("admin", "admin-secret");

  private final ServerFixture fixture = new ServerFixture();
  private WireClient tool;

  @BeforeEach
  void connect() throws IOException {
    tool = fixture.client();
  }

  @AfterEach
  void close() throws IOException {
    tool.close();
    fixture.close();
  }

  @Test
  void usersComeAndGo() throws IOException {
    done(3001, Map.of("username", "app"), "{\"username\":\"app\",\"password\":\"pw\"}");
    assertThat(text(call(3004, Map.of("username", "app"))))
        .isEqualTo("{\"username\":\"app\",\"userType\":\"Normal\",\"userStatus\":\"enable\"}");
    done(3002, Map.of("username", "app"), "{\"userStatus\":\"Disable\"}");
    done(3002, Map.of("username", "app"), "{\"userType\":\"super\"}");
    assertThat(text(call(3005, Map.of())))
        .isEqualTo("[{\"username\":\"app\",\"userType\":\"Super\",\"userStatus\":\"disable\"}]");
    assertThat(text(call(3005, Map.of("filter", "b")))).isEqualTo("[]");
    User stored = fixture.broker.authority.users().find("app").orElseThrow();
    assertThat(stored.secret().reveal()).isEqualTo("pw");
    done(3002, Map.of("username", "app"), "{\"password\":\"other\"}");
    assertThat(fixture.broker.authority.users().find("app").orElseThrow().secret().reveal())
        .isEqualTo("other");
    done(3003, Map.of("username", "app"), "");
    Received none = call(3004, Map.of("username", "app"));
    assertThat(none.code()).isZero();
    assertThat(none.body()).isEmpty();
    assertThat(tool.call(3002, Map.of("username", "app"), "{}".getBytes(UTF_8)).code())
        .isEqualTo(3001);
  }

  @Test
  void listsComeAndGo() throws IOException {
    fixture.broker.authority.user("app", "pw", User.Type.NORMAL);
    Map<String, String> subject = Map.of("subject", "User:app");
    String body =
        "{\"subject\":\"User:app\",\"policies\":[{\"entries\":[{\"resource\":\"Topic:a*\","
            + "\"actions\":[\"Pub\",\"sub\"],\"sourceIps\":[\"10.0.0.0/8\"],\"decision\":\"Allow\"}]}]}";
    done(3006, subject, body);
    String shown =
        "{\"subject\":\"User:app\",\"policies\":[{\"policyType\":\"Custom\",\"entries\":["
            + "{\"resource\":\"Topic:a*\",\"actions\":[\"Pub\",\"Sub\"],"
            + "\"sourceIps\":[\"10.0.0.0/8\"],\"decision\":\"Allow\"}]}]}";
    assertThat(text(call(3009, subject))).isEqualTo(shown);
    done(
        3007,
        subject,
        "{\"policies\":[{\"policyType\":\"Default\",\"entries\":[{\"resource\":\"*\","
            + "\"actions\":[\"Get\"],\"decision\":\"Deny\"}]}]}");
    assertThat(text(call(3010, Map.of("resourceFilter", "Topic:a"))))
        .startsWith("[{\"subject\":\"User:app\"")
        .contains("\"policyType\":\"Default\"", "\"decision\":\"Deny\"");
    assertThat(text(call(3010, Map.of("subjectFilter", "User:b")))).isEqualTo("[]");
    done(3008, Map.of("subject", "User:app", "resource", "Topic:a*"), "");
    assertThat(text(call(3009, subject))).doesNotContain("Topic:a*").contains("Default");
    done(3008, subject, "");
    assertThat(call(3009, subject).body()).isEmpty();
    assertThat(call(3008, subject).code()).isEqualTo(3002);
  }

  @Test
  void whatIsNoPolicyIsRefusedWithTheReason() throws IOException {
    fixture.broker.authority.user("app", "pw", User.Type.NORMAL);
    String entry =
        "{\"policies\":[{\"entries\":[{\"resource\":\"%s\",\"actions\":[\"%s\"],"
            + "\"sourceIps\":[\"%s\"],\"decision\":\"%s\"}]}]}";
    refused(entry.formatted("Queue:a", "Pub", "::1", "Allow"), "resource", "Queue:a");
    refused(entry.formatted("Topic:a", "Any", "::1", "Allow"), "action", "Any");
    refused(entry.formatted("Topic:a", "Pub", "localhost", "Allow"), "source", "localhost");
    refused(entry.formatted("Topic:a", "Pub", "::1", "Maybe"), "decision", "Maybe");
    refused("{\"policies\":[]}", "no entries");
    Map<String, String> who = Map.of("subject", "app");
    assertThat(call(3009, who).command().remark()).contains("subject", "User:name");
    byte[] good = entry.formatted("Topic:a", "Pub", "::1", "Allow").getBytes(UTF_8);
    assertThat(tool.call(3006, Map.of("subject", "User:none"), good).code()).isEqualTo(3001);
  }

  private void refused(String body, String... words) throws IOException {
    Received answer = tool.call(3006, Map.of("subject", "User:app"), body.getBytes(UTF_8));
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.command().remark()).contains(words);
    assertThat(fixture.broker.authority.acls().find("app").orElseThrow().isEmpty()).isTrue();
  }

  @Test
  void secretsAreShownToSuperUsersOfAServerThatShowsThem() throws IOException {
    fixture.broker.authority.user("admin", "admin-secret", User.Type.SUPER);
    FakeBroker broker = new FakeBroker();
    broker.authority.enforced = true;
    broker.authority.user("admin", "admin-secret", User.Type.SUPER);
    broker.authority.user("looker", "l", User.Type.NORMAL, "Cluster:*", "Get");
    try (ServerFixture strict = new ServerFixture(Map.of(), broker);
        WireClient client = strict.client()) {
      Map<String, String> who = Map.of("username", "admin");
      assertThat(text(ADMIN.call(client, 3004, who))).doesNotContain("admin-secret");
      broker.authority.secretsReadable = true;
      assertThat(text(ADMIN.call(client, 3004, who))).contains("\"password\":\"admin-secret\"");
      Signed looker = new Signed("looker", "l");
      assertThat(text(looker.call(client, 3004, who))).doesNotContain("admin-secret");
      assertThat(text(looker.call(client, 3005, Map.of())))
          .contains("admin")
          .doesNotContain("admin-secret");
    }
    fixture.broker.authority.secretsReadable = true;
    assertThat(text(call(3004, Map.of("username", "admin")))).doesNotContain("admin-secret");
  }

  private void done(int code, Map<String, String> fields, String body) throws IOException {
    Received answer = tool.call(code, fields, body.getBytes(UTF_8));
    assertThat(answer.code()).as(answer.command().remark()).isZero();
  }

  private Received call(int code, Map<String, String> fields) throws IOException {
    return tool.call(code, fields);
  }

  private static String text(Received answer) {
    return new String(answer.body(), UTF_8);
  }
}
