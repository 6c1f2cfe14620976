package io.escrowmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterCampaignTest {

  @TempDir Path directory;

  /** Beside other tests on the same machine: the time is measured by the long one. */
  @Test
  void faultsOfServersAndDatabaseLoseNothing() throws Exception {
    assertThat(new ClusterCampaign(directory, 3, seed(), Duration.ofSeconds(60)).run()).isEmpty();
  }

  @Test
  @Tag("campaign")
  void fiftyFaultsOfServersAndDatabaseLoseNothing() throws Exception {
    assertThat(new ClusterCampaign(directory, 50, seed(), Duration.ofSeconds(15)).run()).isEmpty();
  }

  private static long seed() {
    return Long.getLong("escrowmq.seed", ThreadLocalRandom.current().nextLong());
  }
}
