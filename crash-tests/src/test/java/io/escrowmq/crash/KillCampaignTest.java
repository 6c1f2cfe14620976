package io.escrowmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.dev.mariadb.DevMariaDb;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KillCampaignTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"commitlog, 8", "rocksdb, 5"})
  void killsUnderMixedLoadLoseNothing(String storage, int kills) throws Exception {
    assertThat(new KillCampaign(directory, engine(storage), kills, seed()).run()).isEmpty();
  }

  @ParameterizedTest
  @Tag("campaign")
  @ValueSource(strings = {"commitlog", "rocksdb"})
  void twoHundredKillsUnderMixedLoadLoseNothing(String storage) throws Exception {
    assertThat(new KillCampaign(directory, engine(storage), 200, seed()).run()).isEmpty();
  }

  @Test
  @Tag("mariadb")
  void killsUnderMixedLoadLoseNothingOnMariaDb() throws Exception {
    try (DevMariaDb database = DevMariaDb.start()) {
      List<String> storage =
          List.of(
              "--escrowmq.storage.type=jdbc",
              "--escrowmq.storage.jdbc.url=" + database.url("kills"));
      assertThat(new KillCampaign(directory, storage, 10, seed()).run()).isEmpty();
    }
  }

  private static List<String> engine(String storage) {
    return List.of("--escrowmq.storage.type=" + storage);
  }

  private static long seed() {
    return Long.getLong("escrowmq.seed", ThreadLocalRandom.current().nextLong());
  }
}
