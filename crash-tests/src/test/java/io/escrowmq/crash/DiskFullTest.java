package io.escrowmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.server.process.ServerProcess;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A small file system of its own is filled by a stranger's file (needs root for the mount). */
@Tag("campaign")
final class DiskFullTest {

  private static final String TOPIC = "disk-full";

  @TempDir Path directory;

  /** Without its limits the server runs into the device's own "no space left". */
  @ParameterizedTest
  @ValueSource(strings = {"", "100"})
  void sendsAreRefusedConsumersGoOnAndServiceResumes(String limitPercent) throws Exception {
    Path mount = Files.createDirectory(directory.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", mount.toString());
    try {
      fillAndFree(mount, settings(limitPercent));
    } finally {
      run("umount", "-l", mount.toString());
    }
  }

  private static String[] settings(String limitPercent) {
    List<String> settings = new ArrayList<>();
    settings.add("--escrowmq.storage.commitlog.segment-bytes=16MB");
    if (!limitPercent.isEmpty()) {
      for (String limit : List.of("expire", "refuse-segment", "read-only")) {
        settings.add(
            "--escrowmq.storage.commitlog.disk-%s-percent=%s".formatted(limit, limitPercent));
      }
    }
    return settings.toArray(String[]::new);
  }

  private void fillAndFree(Path mount, String... settings) throws Exception {
    try (ServerProcess server = ServerProcess.start(mount.resolve("data"), settings)) {
      DefaultMQProducer producer = new DefaultMQProducer("disk-full-producer");
      producer.setNamesrvAddr(server.nameServer());
      producer.setRetryTimesWhenSendFailed(0);
      producer.start();
      int acknowledged = 0;
      for (int i = 0; i < 100; i++) {
        acknowledged += producer.send(message()).getSendStatus() == SendStatus.SEND_OK ? 1 : 0;
      }
      Path filler = mount.resolve("filler");
      fill(filler);
      String refusal = "";
      while (refusal.isEmpty()) {
        try {
          producer.send(message());
          acknowledged++;
          assertThat(acknowledged).as("messages accepted on a full disk").isLessThan(20_000);
        } catch (MQClientException e) {
          assertThat(e).hasCauseInstanceOf(MQBrokerException.class);
          refusal = e.getCause().getMessage();
        }
      }
      assertThat(refusal).containsIgnoringCase("disk");
      assertThat(server.health()).contains("DOWN");
      try (VisibleLog log = new VisibleLog(server.nameServer(), "while-full")) {
        assertThat(log.readMore(TOPIC)).isEqualTo(acknowledged);
      }
      Files.delete(filler);
      Awaitility.await("sends accepted again")
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> producer.send(message()).getSendStatus() == SendStatus.SEND_OK);
      Awaitility.await("health is UP again")
          .atMost(Duration.ofSeconds(10))
          .until(() -> server.health().contains("\"UP\""));
      producer.shutdown();
    }
  }

  /** Not zeros: the client compresses, and little would reach the disk. */
  private static Message message() {
    byte[] body = new byte[16 * 1024];
    new Random(7).nextBytes(body);
    return new Message(TOPIC, body);
  }

  private static void fill(Path filler) throws Exception {
    byte[] block = new byte[1024 * 1024];
    try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
      while (filler.toFile().getUsableSpace() > 2L * block.length) {
        file.write(block);
      }
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(List.of(command)).inheritIO().start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
  }
}
