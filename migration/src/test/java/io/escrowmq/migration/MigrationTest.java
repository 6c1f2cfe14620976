package io.escrowmq.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.escrowmq.dev.postgres.DevPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster of two brokers that applications used, moved while it runs, several times at once. */
@Execution(ExecutionMode.CONCURRENT)
final class MigrationTest {

  private static final String TOPIC = "orders";
  private static final String GROUP = "warehouse";
  private static final String SLOW_GROUP = "archive";
  private static final int PER_QUEUE = 10;
  private static final int DONE = 6;
  private static final int ARCHIVED = 3;
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private static Path folder;

  private static OldCluster old;
  private static DevPostgres postgres;

  /** Bodies that the group has not consumed. */
  private static final List<String> OPEN = new ArrayList<>();

  @BeforeAll
  static void fill() throws Exception {
    postgres = DevPostgres.start();
    old = new OldCluster(folder.resolve("old"), List.of("broker-a", "broker-b"));
    old.createTopic(TOPIC, 2);
    old.createTopic("other", 1);
    old.createTopic("mixed", 1);
    old.createTopic("untouched", 3);
    // Waits first: what is delayed matures while the rest is sent.
    fillMixed();
    List<MessageQueue> queues = old.queues(TOPIC);
    assertThat(queues).hasSize(4);
    try (OldCluster.Member warehouse = old.member(GROUP);
        OldCluster.Member archive = old.member(SLOW_GROUP)) {
      for (MessageQueue queue : queues) {
        for (int i = 0; i < PER_QUEUE; i++) {
          String body = queue.getBrokerName() + "-" + queue.getQueueId() + "-" + i;
          old.send(queue, body);
          if (i >= DONE) {
            OPEN.add(body);
          }
        }
        warehouse.commit(queue, DONE);
        archive.commit(queue, ARCHIVED);
      }
      MessageQueue first = queues.getFirst();
      warehouse.consumer().sendMessageBack(warehouse.pull(first, 0), 1, first.getBrokerName());
      warehouse.consumer().sendMessageBack(warehouse.pull(first, 1), -1, first.getBrokerName());
    }
    awaitMatured();
  }

  private static void fillMixed() throws Exception {
    Message later = OldCluster.message("mixed", "delayed");
    later.setDelayTimeLevel(1);
    old.producer().send(later);
    Message timed = OldCluster.message("mixed", "timed");
    timed.setDelayTimeMs(1_500);
    old.producer().send(timed);
    Message far = OldCluster.message("mixed", "far away");
    far.setDelayTimeLevel(18);
    old.producer().send(far);
    Message farther = OldCluster.message("mixed", "farther away");
    farther.setDelayTimeSec(7_200);
    old.producer().send(farther);
    old.transaction("mixed", "committed", LocalTransactionState.COMMIT_MESSAGE);
    old.transaction("mixed", "rolled back", LocalTransactionState.ROLLBACK_MESSAGE);
    old.transaction("mixed", "in doubt", LocalTransactionState.UNKNOW);
    old.producer().send(OldCluster.message("mixed", "c".repeat(20_000)));
    old.producer().send(OldCluster.message("other", "no group knows this"));
  }

  /** The delayed, the timed and the committed message, and the retry, can be pulled. */
  private static void awaitMatured() throws Exception {
    try (OldCluster.Member look = old.member("look")) {
      List<MessageQueue> mixed = old.queues("mixed");
      List<MessageQueue> retries = old.queues("%RETRY%" + GROUP);
      await().atMost(SOON).until(() -> total(look, mixed) == 4 && total(look, retries) == 1);
    }
  }

  private static long total(OldCluster.Member look, List<MessageQueue> queues) throws Exception {
    long total = 0;
    for (MessageQueue queue : queues) {
      total += look.end(queue);
    }
    return total;
  }

  @AfterAll
  static void stop() {
    if (old != null) {
      old.close();
    }
    if (postgres != null) {
      postgres.close();
    }
  }

  private static Run migrate(Path data, String... more) {
    List<String> args =
        new ArrayList<>(List.of("--from", old.nameServer(), "--to", "commitlog:" + data));
    args.addAll(List.of(more));
    return Run.migrate(args.toArray(String[]::new));
  }

  /** Of everything, so nobody may add to it meanwhile. */
  @Test
  @ResourceLock("everything")
  void consumersFindExactlyWhatTheyHaveNotConsumed() throws Exception {
    Path data = folder.resolve("whole");
    Run run = migrate(data);
    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(run.out())
        .contains("0-1 broker-a 0-1, 2-3 broker-b 0-1")
        .contains("1 messages that wait for a delay level and 1 that wait for a time")
        .containsPattern("up to \\d+ half messages")
        .containsPattern("count as unconsumed: .*mixed, other")
        .contains("copied and compared");
    try (NewServer server = new NewServer(data, "commitlog")) {
      List<MessageExt> orders = server.consume(GROUP, TOPIC);
      List<MessageExt> mixed = server.consume("newcomer", "mixed");
      List<MessageExt> dead = server.consume("undertaker", "%DLQ%" + GROUP);
      List<String> expected = new ArrayList<>(OPEN);
      expected.add("broker-a-0-0");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(NewServer.bodies(orders)).containsExactlyInAnyOrderElementsOf(expected));
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(NewServer.bodies(mixed))
                  .containsExactlyInAnyOrder("committed", "delayed", "timed", "c".repeat(20_000)));
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(NewServer.bodies(dead)).containsExactly("broker-a-0-1"));
      MessageExt retried =
          orders.stream().filter(it -> it.getReconsumeTimes() == 1).findFirst().orElseThrow();
      assertThat(retried.getTopic()).isEqualTo(TOPIC);
      assertThat(server.byKey(TOPIC, "broker-b-1-9"))
          .singleElement()
          .satisfies(found -> {
            assertThat(found.getBody()).asString(StandardCharsets.UTF_8).isEqualTo("broker-b-1-9");
            assertThat(found.getQueueId()).isEqualTo(3);
            assertThat(found.getQueueOffset()).isEqualTo(9);
            assertThat(found.getTags()).isEqualTo("tag");
          });
      // What the slowest group had consumed was not copied.
      assertThat(server.byKey(TOPIC, "broker-b-1-2")).isEmpty();
      assertThat(server.byKey(TOPIC, "broker-b-1-3")).hasSize(1);
    }
  }

  @Test
  void saysWhatItWouldDoAndDoesNothing() {
    Path data = folder.resolve("nothing");
    Run run = migrate(data, "--dry-run", "--topics", "ord*", "--groups", SLOW_GROUP);
    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(run.out())
        .containsPattern("orders +4 +28 ")
        .contains("to copy: 2 topics, 1 groups, 4 offsets, 28 messages")
        .doesNotContain("mixed");
    assertThat(data).doesNotExist();
  }

  @ResourceLock(value = "everything", mode = ResourceAccessMode.READ)
  @ParameterizedTest
  @CsvSource({
    "commitlog, commitlog",
    "rocksdb, rocksdb",
    "jdbc, h2",
    "jdbc, postgresql",
  })
  void takesWhatIsNewInASecondRun(String type, String engine) throws Exception {
    Path data = folder.resolve("delta-" + engine);
    String topic = "delta-" + engine;
    String late = "late-" + engine;
    String group = "group-" + engine;
    old.createTopic(topic, 2);
    MessageQueue queue = old.queues(topic).getFirst();
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--from", old.nameServer(), "--to", type + ":" + data));
    args.addAll(List.of("--topics", topic + "," + late, "--groups", group));
    List<String> database = database(engine, data);
    database.forEach(setting -> args.addAll(List.of("--to-set", setting)));
    String[] command = args.toArray(String[]::new);
    old.send(queue, "one");
    try (OldCluster.Member member = old.member(group)) {
      member.commit(queue, 0);
      Run first = Run.migrate(command);
      assertThat(first.exit()).as(first.toString()).isZero();
      assertThat(first.out()).contains("1 messages in this run");
      old.send(queue, "two");
      old.createTopic(late, 1);
      old.producer().send(OldCluster.message(late, "three"));
      member.commit(queue, 1);
    }
    Run second = Run.migrate(command);
    assertThat(second.exit()).as(second.toString()).isZero();
    assertThat(second.out()).contains("2 messages in this run");
    assertThat(Run.migrate(command).out()).contains("0 messages in this run");
    String[] settings =
        database.stream().map(setting -> "--escrowmq." + setting).toArray(String[]::new);
    try (NewServer server = new NewServer(data, type, settings)) {
      List<MessageExt> got = server.consume(group, topic);
      List<MessageExt> gotLate = server.consume("newcomer", late);
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(NewServer.bodies(got)).containsExactly("two"));
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(NewServer.bodies(gotLate)).containsExactly("three"));
    }
    Run after = Run.migrate(command);
    assertThat(after.exit()).isEqualTo(4);
    assertThat(after.err()).contains("was used by a server since it was migrated");
  }

  private static List<String> database(String engine, Path data) {
    return switch (engine) {
      case "h2" -> List.of("storage.jdbc.url=jdbc:h2:file:" + data.resolve("h2").resolve("db"));
      case "postgresql" -> List.of("storage.jdbc.url=" + postgres.url("migrated"));
      default -> List.of();
    };
  }

  @Test
  @ResourceLock(value = "everything", mode = ResourceAccessMode.READ)
  void goesOnWhereAKilledRunWas() throws Exception {
    Path data = folder.resolve("killed");
    old.createTopic("many", 4);
    int sent = 0;
    for (MessageQueue queue : old.queues("many")) {
      for (int batch = 0; batch < 10; batch++) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          messages.add(OldCluster.message("many", queue.getQueueId() + "-" + sent++));
        }
        old.producer().send(messages, queue);
      }
    }
    String[] choice = {"--topics", "many", "--groups", "nobody", "--messages", "all"};
    for (int last : new int[] {2_500, 1_500}) {
      assertThat(halted(data, "many", last)).isEqualTo(HaltedMigration.STATUS);
    }
    assertThatThrownBy(() -> new NewServer(data, "commitlog"))
        .hasStackTraceContaining("Run the same './mq migrate' again");
    Run rest = migrate(data, choice);
    assertThat(rest.exit()).as(rest.toString()).isZero();
    // Each had written one or two batches of a thousand, and none wrote one twice.
    assertThat(rest.out())
        .containsPattern("many +8 +" + sent + " +\\d+ +equal")
        .containsPattern("\\D[3-7]\\d{3} messages in this run");
    try (NewServer server = new NewServer(data, "commitlog")) {
      List<MessageExt> got = server.consume("reader", "many");
      int all = sent;
      await().atMost(SOON).until(() -> got.size() >= all);
      assertThat(NewServer.bodies(got)).doesNotHaveDuplicates().hasSize(all);
    }
  }

  private static int halted(Path data, String topics, int last) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                HaltedMigration.class.getName(),
                old.nameServer(),
                "commitlog:" + data,
                topics,
                Integer.toString(last))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("halted.log").toFile())
            .start();
    return process.waitFor();
  }

  @Test
  void refusesWithAReason() throws Exception {
    Path data = folder.resolve("refused");
    Run nobody = Run.migrate("--from", "127.0.0.1:1", "--to", "commitlog:" + data);
    assertThat(nobody.exit()).isEqualTo(6);
    assertThat(nobody.err()).contains("no answer from the name server 127.0.0.1:1");
    assertThat(Files.exists(data)).isFalse();
    Run secret = migrate(data, "--access-key", "admin", "--secret-key-env", "NO_SUCH_VARIABLE");
    assertThat(secret.exit()).isEqualTo(2);
    assertThat(secret.err()).contains("NO_SUCH_VARIABLE");
    Run shared =
        Run.migrate(
            "--from",
            old.nameServer(),
            "--to",
            "jdbc",
            "--to-set",
            "storage.jdbc.url=jdbc:postgresql://127.0.0.1:1/mq",
            "--to-set",
            "cluster.shards=4");
    assertThat(shared.exit()).isEqualTo(2);
    assertThat(shared.err()).contains("cluster.shards=4", "one store only");
  }
}
