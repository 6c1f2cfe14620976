package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.storage.jdbc.CuttingProxy.Cut;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection is lost with a COMMIT on its way: the caller is told what really happened. */
class CommitInDoubtTest {

  private static final int ROUNDS = 8;
  private static final QueueId QUEUE = new QueueId("doubt", 0);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void everyWriteHappensOnceWhateverBecameOfItsCommit(Cut cut) throws Exception {
    String url = PostgresServer.urlFor(directory);
    int serverPort = URI.create(url.substring("jdbc:".length())).getPort();
    try (CuttingProxy proxy = new CuttingProxy(serverPort);
        Storage storage = open(url.replace(":" + serverPort + "/", ":" + proxy.port() + "/"))) {
      for (int round = 0; round < ROUNDS; round++) {
        // Through the same connection for a while: the driver then only names its statements.
        for (int i = 0; i < round; i++) {
          write(storage, round + "-" + i, null);
        }
        HoldId hold = new HoldId(round, 7);
        proxy.cut(cut);
        WriteReceipt receipt = write(storage, "cut " + round, hold);
        assertThat(proxy.cuts()).as("commits cut").isEqualTo(round + 1);
        assertThat(receipt.applied()).isTrue();
        assertThat(receipt.outcome(0).queueOffset())
            .isEqualTo(storage.log().bounds(QUEUE).max() - 1);
        assertThat(storage.escrow().status(hold).state()).isEqualTo(HoldStatus.State.HELD);
      }
      int written = ROUNDS + ROUNDS * (ROUNDS - 1) / 2;
      assertThat(storage.log().bounds(QUEUE).max()).isEqualTo(written);
      try (MessageBatch batch = storage.log().read(QUEUE, 0, new ReadLimits(1000, 1 << 20))) {
        assertThat(batch.messages().stream().map(SampleMessages::textOf))
            .hasSize(written)
            .doesNotHaveDuplicates();
      }
      assertThat(storage.maintenance().statistics())
          .containsEntry("visible-messages", (long) written)
          .containsEntry("holds", (long) ROUNDS);
    }
  }

  private static WriteReceipt write(Storage storage, String text, @Nullable HoldId hold)
      throws Exception {
    Mutation append = new Mutation.Append(QUEUE, SampleMessages.message(QUEUE, text));
    WriteBatch batch =
        hold == null
            ? WriteBatch.of(append)
            : WriteBatch.of(
                append,
                new Mutation.Hold(
                    hold,
                    QUEUE,
                    SampleMessages.message(QUEUE, "held " + text),
                    HoldKind.TRANSACTION,
                    1,
                    Bytes.utf8("")));
    return storage.write(batch).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private Storage open(String url) {
    StorageSettings defaults = StorageSettings.defaults(directory);
    return new JdbcStorageProvider()
        .open(
            new StorageSettings(
                directory,
                defaults.durability(),
                defaults.decisionRetention(),
                defaults.retention(),
                Map.of("url", url, "retention-interval-ms", "0")),
            StorageContext.system());
  }
}
