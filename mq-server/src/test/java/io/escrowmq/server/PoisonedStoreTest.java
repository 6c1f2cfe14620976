package io.escrowmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class PoisonedStoreTest {

  @TempDir private Path directory;

  @Test
  void healthIsDownWithReasonAndRemedy() throws Exception {
    try (RunningServer server =
        RunningServer.start(directory, "--escrowmq.storage.type=" + FragileStorageProvider.ID)) {
      assertThat(server.get("/actuator/health").statusCode()).isEqualTo(200);
      FragileStorageProvider.poison(directory);
      assertThat(server.get("/actuator/health").statusCode()).isEqualTo(503);
      JsonNode health = server.json("/actuator/health");
      assertThat(health.path("status").asString()).isEqualTo("DOWN");
      JsonNode storage = health.at("/components/storage/details");
      assertThat(storage.path("state").asString()).isEqualTo("read_only");
      assertThat(storage.path("reason").asString()).isEqualTo(FragileStorageProvider.REASON);
      assertThat(storage.path("remedy").asString()).contains("Replace the disk");
      assertThat(server.get("/actuator/prometheus").body()).contains("escrowmq_up 0.0");
    }
  }
}
