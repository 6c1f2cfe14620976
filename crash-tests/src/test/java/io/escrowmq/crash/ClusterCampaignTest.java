package io.escrowmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterCampaignTest {

  @TempDir Path directory;

  @Test
  void faultsOfServersAndDatabaseLoseNothing() throws Exception {
    assertThat(new ClusterCampaign(directory, 3, seed()).run()).isEmpty();
  }

  @Test
  @Tag("campaign")
  void fiftyFaultsOfServersAndDatabaseLoseNothing() throws Exception {
    assertThat(new ClusterCampaign(directory, 50, seed()).run()).isEmpty();
  }

  private static long seed() {
    return Long.getLong("escrowmq.seed", ThreadLocalRandom.current().nextLong());
  }
}
