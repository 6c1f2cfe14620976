package io.escrowmq.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.FaultyDisk;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The default engine in a node whose disk fails. */
final class FailingDiskTest {

  private static final long SEED = 20_261_122;
  private static final int ACKNOWLEDGED = 20;

  @TempDir private Path directory;
  private final FaultyDisk disk = new FaultyDisk(SEED);

  @Test
  void afterAFailedSyncNothingIsAcknowledgedAndARestartServesWhatWas() throws Exception {
    try (EscrowNode node = start()) {
      for (int i = 0; i < ACKNOWLEDGED; i++) {
        SampleSend.send(node.broker()).get(10, TimeUnit.SECONDS);
      }
      disk.fail(FaultyDisk.Call.FORCE, 1, FaultyDisk.Repeat.ONCE);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> SampleSend.send(node.broker()).get(10, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOfSatisfying(
                BrokerException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE));
      }
      NodeHealth health = node.health();
      assertThat(health.canSend()).isFalse();
      assertThat(health.storage().state()).isEqualTo(StorageHealth.State.READ_ONLY);
      assertThat(health.reason()).isNotEmpty();
      assertThat(health.remedy()).isNotEmpty();
    }
    disk.heal();
    try (EscrowNode node = start()) {
      assertThat(node.health().canSend()).isTrue();
      assertThat(node.broker().offsets().bounds(new QueueId(SampleSend.TOPIC, 0)).max())
          .isGreaterThanOrEqualTo(ACKNOWLEDGED);
      SampleSend.send(node.broker()).get(10, TimeUnit.SECONDS);
    }
  }

  private EscrowNode start() {
    NodeSettings settings =
        NodeSettings.defaults(directory)
            .withProtocol("remoting", Map.of("name-server-port", "0", "port", "0"));
    return EscrowNode.start(settings, new StorageContext(TimeSource.system(), disk));
  }
}
