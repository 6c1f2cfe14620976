package io.escrowmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KillCampaignTest {

  @TempDir Path directory;

  @Test
  void twentyKillsUnderMixedLoadLoseNothing() throws Exception {
    assertThat(new KillCampaign(directory, 20, seed()).run()).isEmpty();
  }

  @Test
  @Tag("campaign")
  void twoHundredKillsUnderMixedLoadLoseNothing() throws Exception {
    assertThat(new KillCampaign(directory, 200, seed()).run()).isEmpty();
  }

  private static long seed() {
    return Long.getLong("escrowmq.seed", ThreadLocalRandom.current().nextLong());
  }
}
