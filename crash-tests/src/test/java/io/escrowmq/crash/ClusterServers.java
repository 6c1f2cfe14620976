package io.escrowmq.crash;

import io.escrowmq.dev.postgres.DevPostgres;
import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Servers that share a database. */
final class ClusterServers {

  private ClusterServers() {}

  /** Starts a server that takes its part of so many shards. */
  static ServerProcess start(Path directory, DevPostgres database, int shards) {
    return ServerProcess.start(
        directory,
        "--escrowmq.storage.type=jdbc",
        "--escrowmq.storage.jdbc.url=" + database.url("cluster"),
        "--escrowmq.cluster.shards=" + shards,
        "--escrowmq.cluster.server-name=" + directory.getFileName(),
        "--escrowmq.transactions.check-first=2s",
        "--escrowmq.transactions.check-interval=2s",
        "--escrowmq.transactions.check-max=100000");
  }

  /** Waits until each of two servers serves one of two shards, and both know it of each other. */
  static void awaitShared(ServerProcess one, ServerProcess two) {
    Awaitility.await("each server to serve a shard")
        .atMost(Duration.ofSeconds(60))
        .until(() -> knowsBoth(one) && knowsBoth(two));
  }

  private static boolean knowsBoth(ServerProcess server) {
    String cluster = server.get("/api/v1/cluster");
    return cluster.contains("\"cluster-shards-served-here\":1")
        && cluster.split("\"served\":true", -1).length == 3
        && !cluster.contains("\"http\":\"\"");
  }
}
