package io.escrowmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.copy.CopyMark;
import io.escrowmq.spi.storage.copy.CopyStep;
import io.escrowmq.spi.storage.testkit.ManualTimeSource;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StorageCopyCommandTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final int MESSAGES = 500;

  @TempDir private Path directory;

  @BeforeEach
  void fill() {
    try (Storage storage = open("commitlog", directory.resolve("old"))) {
      for (int i = 0; i < MESSAGES; i++) {
        write(storage, new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, "m" + i)));
      }
      write(
          storage,
          new Mutation.Hold(
              new HoldId(1, 2),
              QUEUE,
              SampleMessages.message(QUEUE, "held"),
              HoldKind.PARKED,
              Mutation.Hold.NEVER,
              Bytes.EMPTY));
      write(storage, new Mutation.Put("t", Bytes.utf8("k"), Bytes.utf8("v")));
    }
  }

  @Test
  void movesTheDataThroughEveryEngineAndShowsHowFarItIs() {
    String h2 = "storage.jdbc.url=jdbc:h2:file:" + directory.resolve("h2").resolve("db");
    CliRun first = copy("--from", "commitlog:" + old(), "--to", "rocksdb:" + old());
    assertThat(first.err())
        .contains("verifying commitlog in " + directory.resolve("old"))
        .contains("copying into rocksdb in ")
        .containsPattern("messages +\\[#{30}] 100 %  500 of 500, \\d+/s, 0 s left")
        .contains("comparing rocksdb in ")
        .containsPattern("comparison +\\[#{30}] 100 %  501 of 501");
    assertThat(first.out())
        .containsPattern("copied and compared: 1 queues, 500 messages \\(.* MiB\\), 1 holds, 0 dec")
        .contains("start the server on rocksdb:" + old());
    assertThat(first.code()).isZero();

    CliRun second =
        copy(
            "--from",
            "rocksdb:" + old(),
            "--to",
            "jdbc:" + directory.resolve("h2"),
            "--to-set",
            h2);
    assertThat(second.code()).as(second.err()).isZero();
    CliRun third =
        copy(
            "--from", "jdbc:" + directory.resolve("h2"),
            "--from-set", "escrowmq." + h2,
            "--to", "commitlog:" + directory.resolve("new"),
            "--to-set", "storage.commitlog.first-segment-bytes=1MB");
    assertThat(third.code()).as(third.err()).isZero();
    assertThat(third.err()).contains("verifying jdbc in jdbc:h2:file:");
    try (Storage storage = open("commitlog", directory.resolve("new"))) {
      assertThat(storage.log().bounds(QUEUE)).isEqualTo(new QueueBounds(0, MESSAGES));
      assertThat(storage.escrow().get(new HoldId(1, 2))).isPresent();
      assertThat(CopyMark.of(storage)).isEmpty();
    }
  }

  @Test
  void refusalsHaveAnExitCodeAndAdvice() {
    CliRun absent =
        copy("--from", "rocksdb:" + directory.resolve("none"), "--to", "rocksdb:" + old());
    assertThat(absent.code()).isEqualTo(3);
    assertThat(absent.err()).contains("mq: there is no store: rocksdb in ").contains("Name the");

    try (Storage running = open("commitlog", directory.resolve("old"))) {
      CliRun used = copy("--from", "commitlog:" + old(), "--to", "rocksdb:" + old());
      assertThat(used.code()).isEqualTo(4);
      assertThat(used.err()).contains(directory.resolve("old").toString());
      CopyMark.set(running, "another store");
    }
    CliRun unfinished = copy("--from", "commitlog:" + old(), "--to", "rocksdb:" + old());
    assertThat(unfinished.code()).isEqualTo(4);
    assertThat(unfinished.err()).contains("did not finish");

    try (Storage storage = open("rocksdb", directory.resolve("full"))) {
      write(storage, new Mutation.Put("t", Bytes.utf8("k"), Bytes.utf8("v")));
    }
    CliRun full =
        copy("--from", "commitlog:" + old(), "--to", "rocksdb:" + directory.resolve("full"));
    assertThat(full.code()).isEqualTo(4);
  }

  @Test
  void usageErrorsAreCode2() {
    assertThat(copy("--from", "commitlog").code()).isEqualTo(2);
    assertThat(copy("--from", ":x", "--to", "rocksdb").code()).isEqualTo(2);
    CliRun setting = copy("--from", "commitlog", "--to", "rocksdb", "--to-set", "storage.tip=x");
    assertThat(setting.code()).isEqualTo(2);
    assertThat(setting.err())
        .contains("Unknown setting 'escrowmq.storage.tip'")
        .contains("Did you mean 'escrowmq.storage.type'");
    CliRun shared = copy("--from", "commitlog", "--to", "jdbc", "--to-set", "cluster.shards=2");
    assertThat(shared.code()).isEqualTo(2);
    assertThat(shared.err()).contains("--to: cluster.shards=2", "knows one store only");
    CliRun noValue = copy("--from", "commitlog", "--to", "rocksdb", "--from-set", "storage.type");
    assertThat(noValue.code()).isEqualTo(2);
    assertThat(noValue.err()).contains("KEY=VALUE");
    CliRun noUrl = copy("--from", "commitlog:" + old(), "--to", "jdbc:" + old());
    assertThat(noUrl.code()).isEqualTo(4);
    assertThat(noUrl.err()).contains("url");
    CliRun engine = copy("--from", "papyrus:" + old(), "--to", "rocksdb:" + old());
    assertThat(engine.code()).isEqualTo(4);
    assertThat(engine.err()).contains("available engines").contains("commitlog");
  }

  @Test
  void secretsAreNotShown() {
    assertThat(
            StoreOption.withoutSecrets(
                "jdbc:postgresql://u:secret@db:5432/bank?password=secret&currentSchema=mq&ssl=true"))
        .isEqualTo("jdbc:postgresql://db:5432/bank?currentSchema=mq");
    assertThat(StoreOption.withoutSecrets("jdbc:h2:file:./db;USER=a;PASSWORD=secret"))
        .isEqualTo("jdbc:h2:file:./db");
  }

  @Test
  void aPasswordComesFromTheEnvironment() {
    CliRun run =
        copy(
            "--from", "jdbc:" + old(),
            "--from-set", "storage.jdbc.url=jdbc:nonsense:${PATH}",
            "--to", "rocksdb:" + old());
    assertThat(run.err()).contains("nonsense:").doesNotContain("${PATH}");
  }

  @Test
  void aTerminalGetsABarThatMoves() {
    StringWriter text = new StringWriter();
    ManualTimeSource time = new ManualTimeSource();
    CopyProgress progress = new CopyProgress(new PrintWriter(text), time, true);
    progress.begins("copying");
    for (int i = 1; i <= 1024; i++) {
      progress.progress(CopyStep.MESSAGES, i, 2048);
      time.advanceMs(1);
    }
    progress.progress(CopyStep.ROWS, 3, -1);
    progress.end();
    assertThat(text.toString())
        .startsWith("copying" + System.lineSeparator() + "\r  messages    [###....")
        .contains(
            "\r  messages    [###############...............]  50 %  1024 of 2048, 1000/s, 1 s left")
        .contains("\r  rows        3, ");
  }

  private CliRun copy(String... options) {
    String[] args = new String[options.length + 2];
    args[0] = "storage";
    args[1] = "copy";
    System.arraycopy(options, 0, args, 2, options.length);
    return CliRun.of(args);
  }

  private String old() {
    return directory.resolve("old").toString();
  }

  private static Storage open(String engine, Path dataDirectory) {
    StorageSettings settings = StorageSettings.defaults(dataDirectory.resolve(engine));
    return ServiceLoader.load(StorageProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.id().equals(engine))
        .findFirst()
        .orElseThrow()
        .open(settings, StorageContext.system());
  }

  private static void write(Storage storage, Mutation mutation) {
    var _ = storage.write(WriteBatch.of(mutation)).toCompletableFuture().join();
  }
}
