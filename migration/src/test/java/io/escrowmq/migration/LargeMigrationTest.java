package io.escrowmq.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
    try (OldCluster old =
        new OldCluster(
            folder.resolve("old"),
            List.of("broker-a"),
            settings,
            new AclClientRPCHook(new SessionCredentials(ACCESS, SECRET)))) {
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
