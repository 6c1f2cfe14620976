package io.escrowmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What applications enqueued is moved exactly once, whoever is killed meanwhile. */
final class EnqueueCampaignTest {

  @TempDir Path directory;

  /** Two servers on one store are for the long run: the other layouts have all of their parts. */
  @ParameterizedTest
  @EnumSource(names = {"BESIDE", "RELAYED"})
  void fourMishapsLoseAndDoubleNothing(EnqueueCampaign.Layout layout) throws Exception {
    assertThat(new EnqueueCampaign(directory, layout, 4, seed()).run()).isEmpty();
  }

  @ParameterizedTest
  @Tag("campaign")
  @EnumSource
  void aHundredMishapsLoseAndDoubleNothing(EnqueueCampaign.Layout layout) throws Exception {
    assertThat(new EnqueueCampaign(directory, layout, 100, seed()).run()).isEmpty();
  }

  private static long seed() {
    return Long.getLong("escrowmq.seed", ThreadLocalRandom.current().nextLong());
  }
}
