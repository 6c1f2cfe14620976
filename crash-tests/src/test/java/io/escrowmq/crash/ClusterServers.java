package io.escrowmq.crash;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Servers that share a database. */
final class ClusterServers {

  private ClusterServers() {}

  /** Starts a server that takes its part of so many shards. */
  static ServerProcess start(Path directory, DevPostgres database, int shards, String... more) {
    List<String> settings = new ArrayList<>();
    settings.add("--escrowmq.storage.type=jdbc");
    settings.add("--escrowmq.storage.jdbc.url=" + database.url("cluster"));
    settings.add("--escrowmq.cluster.shards=" + shards);
    settings.add("--escrowmq.cluster.server-name=" + directory.getFileName());
    settings.add("--escrowmq.transactions.check-first=2s");
    settings.add("--escrowmq.transactions.check-interval=2s");
    settings.add("--escrowmq.transactions.check-max=100000");
    settings.addAll(List.of(more));
    return ServerProcess.start(directory, settings.toArray(String[]::new));
  }

  /** Waits until each of two servers serves one of two shards, and both know it of each other. */
  static void awaitShared(ServerProcess one, ServerProcess two) {
    Awaitility.await("each server to serve a shard")
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> knowsBoth(one.get("/api/v1/cluster")) && knowsBoth(two.get("/api/v1/cluster")));
  }

  /** Whether a server's answer says that it serves one of two shards, and somebody the other. */
  static boolean knowsBoth(String cluster) {
    return cluster.contains("\"cluster-shards-served-here\":1")
        && cluster.split("\"served\":true", -1).length == 3
        && !cluster.contains("\"http\":\"\"");
  }
}
