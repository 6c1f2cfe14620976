package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.WireClient.Received;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.JointServices.Ended;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests 30001 to 30004 as docs/formats/native-transactions.md describes them. */
@ExtendWith(LeakWatch.class)
final class JointRequestsTest {
  private final ServerFixture fixture = new ServerFixture();
  private final FakeJoint joint = fixture.broker.joint;
  private WireClient client;

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
  void open() throws IOException {
    Received answer =
        client.call(
            30_001,
            Map.of("producerGroup", "pg", "transactionKey", "k", "checkImmunitySeconds", "9"));
    assertThat(answer.code()).isZero();
    assertThat(answer.field("transactionId")).isEqualTo(FakeJoint.ID);
    assertThat(answer.field("maxMessages")).isEqualTo("1024");
    JointServices.OpenRequest seen = (JointServices.OpenRequest) joint.asked.getFirst();
    assertThat(seen.key()).isEqualTo("k");
    assertThat(seen.immunity()).contains(Duration.ofSeconds(9));
    assertThat(client.call(30_001, Map.of("producerGroup", "pg")).command().remark())
        .contains("transactionKey");
    fixture.broker.failNext(ErrorCode.TRANSACTION_DECIDED, "was committed", "Another key.");
    assertThat(client.call(30_001, Map.of("producerGroup", "pg", "transactionKey", "k")).code())
        .isEqualTo(30_102);
  }

  @Test
  void add() throws IOException {
    Map<String, String> fields = new HashMap<>();
    fields.putAll(Map.of("producerGroup", "pg", "transactionId", "t", "sequence", "5"));
    fields.putAll(Map.of("topic", "orders", "queueId", "-1", "sysFlag", "0"));
    fields.putAll(Map.of("bornTimestamp", "1", "properties", "TAGS\u0001a\u0002"));
    Received answer = client.call(30_002, fields, "body".getBytes(UTF_8));
    assertThat(answer.field("queueId")).isEqualTo("3");
    assertThat(answer.field("repeated")).isEqualTo("true");
    JointServices.AddRequest seen = (JointServices.AddRequest) joint.asked.getFirst();
    assertThat(seen.sequence()).isEqualTo(5);
    assertThat(seen.message().topic()).isEqualTo("orders");
    assertThat(seen.message().queue()).isEqualTo(-1);
    assertThat(seen.message().producerGroup()).isEqualTo("pg");
    fields.remove("sequence");
    assertThat(client.call(30_002, fields).command().remark()).contains("sequence");
  }

  @Test
  void decide() throws IOException {
    joint.endings.add(
        new Ended.Decided(Decision.COMMIT, false, List.of(new JointServices.Placed(0, 7, 0))));
    Received done = client.call(30_003, decision("COMMIT", "0-2,5"));
    assertThat(done.code()).isZero();
    assertThat(done.field("decision")).isEqualTo("COMMIT");
    assertThat(text(done))
        .isEqualTo("{\"messages\":[{\"sequence\":0,\"queueOffset\":7,\"visibleAt\":0}]}");
    JointServices.EndRequest seen = (JointServices.EndRequest) joint.asked.getFirst();
    assertThat(seen.named()).contains(new TreeSet<>(List.of(0, 1, 2, 5)));

    joint.endings.add(new Ended.Conflict(Decision.ROLLBACK));
    Received conflict = client.call(30_003, decision("COMMIT", "all"));
    assertThat(conflict.code()).isEqualTo(30_103);
    assertThat(conflict.field("decision")).isEqualTo("ROLLBACK");
    assertThat(((JointServices.EndRequest) joint.asked.getLast()).named())
        .isEqualTo(Optional.empty());

    joint.endings.add(new Ended.OtherMessages(List.of(0, 2)));
    Received others = client.call(30_003, decision("COMMIT", "0"));
    assertThat(others.code()).isEqualTo(30_103);
    assertThat(others.field("decision")).isEqualTo("COMMIT");
    assertThat(others.field("messages")).isEqualTo("0,2");
    assertThat(others.command().remark()).contains("messages 0,2", "names others");
    joint.endings.add(new Ended.OtherMessages(List.of()));
    assertThat(client.call(30_003, decision("COMMIT", "0")).field("messages")).isEqualTo("none");

    joint.endings.add(new Ended.Incomplete(List.of(1, 4)));
    Received incomplete = client.call(30_003, decision("COMMIT", "none"));
    assertThat(incomplete.code()).isEqualTo(30_104);
    assertThat(incomplete.field("missing")).isEqualTo("1,4");

    joint.endings.add(new Ended.StillOpen());
    assertThat(client.call(30_003, decision("UNKNOWN", "")).field("decision")).isEqualTo("UNKNOWN");
    fixture.broker.failNext(ErrorCode.TRANSACTION_NOT_FOUND, "no such", "Look.");
    assertThat(client.call(30_003, decision("ROLLBACK", "")).code()).isEqualTo(30_101);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "2-1", "1,", "-3", "0-9999999", "100001", "1-2-3"})
  void aCommitNamesItsMessages(String messages) throws IOException {
    Received answer = client.call(30_003, decision("COMMIT", messages));
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.command().remark()).contains("'messages'");
    assertThat(joint.asked).isEmpty();
    assertThat(client.call(30_003, decision("PERHAPS", "all")).command().remark())
        .contains("PERHAPS");
  }

  @Test
  void view() throws IOException {
    Received answer =
        client.call(30_004, Map.of("producerGroup", "pg", "transactionId", FakeJoint.ID));
    assertThat(answer.field("state")).isEqualTo("OPEN");
    assertThat(text(answer))
        .isEqualTo(
            "{\"state\":\"OPEN\",\"messages\":[{\"sequence\":2,\"topic\":\"orders\",\"queueId\":1,"
                + "\"deliverAt\":77}]}");
  }

  private static Map<String, String> decision(String decision, String messages) {
    return Map.of(
        "producerGroup",
        "pg",
        "transactionId",
        FakeJoint.ID,
        "decision",
        decision,
        "messages",
        messages);
  }

  private static String text(Received answer) {
    return UTF_8.decode(ByteBuffer.wrap(answer.body())).toString();
  }
}
