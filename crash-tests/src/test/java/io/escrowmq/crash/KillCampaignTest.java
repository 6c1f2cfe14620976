package io.escrowmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KillCampaignTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"commitlog, 20", "rocksdb, 10"})
  void killsUnderMixedLoadLoseNothing(String storage, int kills) throws Exception {
    assertThat(new KillCampaign(directory, storage, kills, seed()).run()).isEmpty();
  }

  @ParameterizedTest
  @Tag("campaign")
  @ValueSource(strings = {"commitlog", "rocksdb"})
  void twoHundredKillsUnderMixedLoadLoseNothing(String storage) throws Exception {
    assertThat(new KillCampaign(directory, storage, 200, seed()).run()).isEmpty();
  }

  private static long seed() {
    return Long.getLong("escrowmq.seed", ThreadLocalRandom.current().nextLong());
  }
}
