package io.escrowmq.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A graceful stop finishes what was accepted, and is not for ever. */
final class ShutdownTest {

  private static final int SENDS = 200;

  @TempDir private Path directory;

  @Test
  void acceptedSendsAreFinished() throws Exception {
    EscrowNode node = start(SlowStorage::new, NodeSettings.DEFAULT_SHUTDOWN_GRACE);
    SampleSend.send(node.broker()).get(10, TimeUnit.SECONDS);
    List<CompletableFuture<SendReceipt>> accepted = new ArrayList<>();
    for (int i = 0; i < SENDS; i++) {
      accepted.add(SampleSend.send(node.broker()));
    }
    node.close();
    for (CompletableFuture<SendReceipt> send : accepted) {
      assertThat(send).isCompletedWithValueMatching(receipt -> receipt.queueOffset() >= 0);
    }
    assertThatThrownBy(() -> SampleSend.send(node.broker()).get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SERVING));
  }

  @Test
  @Timeout(60)
  void aStuckStoreDoesNotKeepTheProcess() {
    CountDownLatch never = new CountDownLatch(1);
    EscrowNode node = start(storage -> new StuckStorage(storage, never), Duration.ofMillis(100));
    node.close();
    assertThat(node.health().canSend()).isFalse();
    never.countDown();
  }

  private EscrowNode start(UnaryOperator<Storage> wrapper, Duration grace) {
    NodeSettings settings =
        NodeSettings.defaults(directory).withStorageType(TestEngine.ID).withShutdownGrace(grace);
    return new NodeParts(settings, StorageContext.system())
        .start(List.of(new TestEngine(wrapper)), List.of());
  }

  /** Acknowledges late, as a slow disk does. */
  private static final class SlowStorage extends WrappedStorage {

    SlowStorage(Storage storage) {
      super(storage);
    }

    @Override
    public CompletionStage<WriteReceipt> write(WriteBatch batch) {
      CompletableFuture<WriteReceipt> late = new CompletableFuture<>();
      super.write(batch)
          .whenCompleteAsync(
              (receipt, failure) -> {
                if (failure == null) {
                  late.complete(receipt);
                } else {
                  late.completeExceptionally(failure);
                }
              },
              CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
      return late;
    }
  }

  /** Does not come back from closing. */
  private static final class StuckStorage extends WrappedStorage {

    private final CountDownLatch never;

    StuckStorage(Storage storage, CountDownLatch never) {
      super(storage);
      this.never = never;
    }

    @Override
    public void close() {
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      super.close();
    }
  }
}
