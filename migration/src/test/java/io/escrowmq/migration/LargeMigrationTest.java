package io.escrowmq.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.dev.rocketmq.DevRocketMq;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters that take longer to fill or to start. */
@Tag("campaign")
final class LargeMigrationTest {

  private static final int MESSAGES = 200_000;
  private static final int BATCH = 500;
  private static final String ACCESS = "operator";
  private static final String SECRET = "not-a-real-secret";

  @TempDir private Path folder;

  @Test
  void copiesManyMessages() throws Exception {
    try (OldCluster old = new OldCluster(folder.resolve("old"), List.of("broker-a"))) {
      old.createTopic("many", 8);
      List<MessageQueue> queues = old.queues("many");
      byte[] body = "x".repeat(256).getBytes(StandardCharsets.UTF_8);
      for (int sent = 0; sent < MESSAGES; sent += BATCH) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          messages.add(new Message("many", "tag", "key-" + (sent + i), body));
        }
        old.producer().send(messages, queues.get(sent / BATCH % queues.size()));
      }
      Path data = folder.resolve("new");
      Run run =
          Run.migrate("--from", old.nameServer(), "--to", "commitlog:" + data, "--topics", "many");
      assertThat(run.exit()).as(run.toString()).isZero();
      assertThat(run.out()).contains(MESSAGES + " messages in this run");
      System.out.println("LargeMigrationTest: " + run.out().lines().toList());
      try (NewServer server = new NewServer(data, "commitlog")) {
        List<MessageExt> got = server.consume("reader", "many");
        await().atMost(Duration.ofMinutes(3)).until(() -> got.size() >= MESSAGES);
        assertThat(got).hasSize(MESSAGES);
      }
    }
  }

  @Test
  void signsItsRequests() throws Exception {
    Map<String, String> settings =
        Map.of(
            "authenticationEnabled", "true",
            "authenticationProvider",
                "org.apache.rocketmq.auth.authentication.provider.DefaultAuthenticationProvider",
            "authenticationMetadataProvider",
                "org.apache.rocketmq.auth.authentication.provider.LocalAuthenticationMetadataProvider",
            "authorizationEnabled", "true",
            "authorizationProvider",
                "org.apache.rocketmq.auth.authorization.provider.DefaultAuthorizationProvider",
            "authorizationMetadataProvider",
                "org.apache.rocketmq.auth.authorization.provider.LocalAuthorizationMetadataProvider",
            "initAuthenticationUser",
                "{\"username\":\"" + ACCESS + "\",\"password\":\"" + SECRET + "\"}",
            "innerClientAuthenticationCredentials",
                "{\"accessKey\":\"" + ACCESS + "\",\"secretKey\":\"" + SECRET + "\"}");
    AclClientRPCHook hook = new AclClientRPCHook(new SessionCredentials(ACCESS, SECRET));
    try (DevRocketMq guarded =
            DevRocketMq.start(folder.resolve("old"), List.of("broker-a"), settings);
        OldCluster old = new OldCluster(guarded, 1, hook, false)) {
      old.createTopic("guarded", 1);
      old.producer().send(OldCluster.message("guarded", "one"));
      String target = "commitlog:" + folder.resolve("new");
      Run nobody = Run.migrate("--from", old.nameServer(), "--to", target);
      assertThat(nobody.exit()).as(nobody.toString()).isEqualTo(5);
      assertThat(nobody.err()).contains("--access-key");
      Run wrong = run(old, target, "wrong");
      assertThat(wrong.exit()).as(wrong.toString()).isEqualTo(5);
      Run right = run(old, target, SECRET);
      assertThat(right.exit()).as(right.toString()).isZero();
      assertThat(right.out()).contains("1 messages in this run");
    }
  }

  /** RocketMQ makes a certificate of its own for tests, which clients do not look at. */
  @Test
  void encryptsWhereNothingElseIsServed() throws Exception {
    try (DevRocketMq enforcing =
            DevRocketMq.start(
                DevRocketMq.Release.NEWEST,
                folder.resolve("old"),
                List.of("broker-a"),
                Map.of(),
                Map.of("tls.server.mode", "enforcing", "tls.enable", "true"));
        OldCluster old = new OldCluster(enforcing, 1, null, true)) {
      old.createTopic("sealed", 1);
      old.producer().send(OldCluster.message("sealed", "one"));
      String target = "commitlog:" + folder.resolve("new");
      Run plain = Run.migrate("--from", old.nameServer(), "--to", target);
      assertThat(plain.exit()).as(plain.toString()).isEqualTo(6);
      Run sealed = Run.migrate("--from", old.nameServer(), "--to", target, "--tls");
      assertThat(sealed.exit()).as(sealed.toString()).isZero();
      assertThat(sealed.out()).contains("1 messages in this run");
    }
  }

  @Test
  void takesWhatAClusterOfTheOldLineHas() throws Exception {
    Path data = folder.resolve("new");
    try (DevRocketMq fourth =
            DevRocketMq.start(
                DevRocketMq.Release.OLD_LINE,
                folder.resolve("old"),
                List.of("broker-a", "broker-b"),
                Map.of(),
                Map.of());
        OldCluster old = new OldCluster(fourth, 2, null, false)) {
      old.createTopic("orders", 2);
      List<MessageQueue> queues = old.queues("orders");
      assertThat(queues).hasSize(4);
      try (OldCluster.Member member = old.member("warehouse")) {
        for (MessageQueue queue : queues) {
          for (int i = 0; i < 3; i++) {
            old.send(queue, queue.getBrokerName() + "-" + queue.getQueueId() + "-" + i);
          }
          member.commit(queue, 2);
        }
      }
      Run run = Run.migrate("--from", old.nameServer(), "--to", "commitlog:" + data);
      assertThat(run.exit()).as(run.toString()).isZero();
      assertThat(run.out()).contains("0-1 broker-a 0-1, 2-3 broker-b 0-1", "copied and compared");
    }
    try (NewServer server = new NewServer(data, "commitlog")) {
      List<MessageExt> got = server.consume("warehouse", "orders");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(NewServer.bodies(got))
                  .containsExactly("broker-a-0-2", "broker-a-1-2", "broker-b-0-2", "broker-b-1-2"));
    }
  }

  private static Run run(OldCluster old, String target, String secret) {
    return Run.migrate(
        Map.of("SECRET", secret),
        "--from",
        old.nameServer(),
        "--to",
        target,
        "--access-key",
        ACCESS,
        "--secret-key-env",
        "SECRET");
  }
}
