package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restarts and kills of PostgreSQL. */
class DatabaseRestartTest extends DatabaseRestart {

  @Override
  Database start(Path folder) throws IOException {
    return new Postgres(folder);
  }

  @Test
  void aServerThatStartsBeforeItsDatabaseWaitsForIt(@TempDir Path folder) throws Exception {
    try (Database database = start(folder.resolve("data"))) {
      database.stop();
      StorageSettings defaults = StorageSettings.defaults(folder);
      StorageSettings settings =
          new StorageSettings(
              folder,
              defaults.durability(),
              defaults.decisionRetention(),
              defaults.retention(),
              Map.of("url", database.url(), "own-timeout-ms", "60000"));
      CompletableFuture<Storage> opening =
          CompletableFuture.supplyAsync(
              () -> new JdbcStorageProvider().open(settings, StorageContext.system()));
      assertThat(opening).isNotDone();

      database.restart();

      try (Storage storage = opening.get(60, TimeUnit.SECONDS)) {
        assertThat(storage.maintenance().health().writable()).isTrue();
      }
    }
  }

  private static final class Postgres implements Database {

    private final Path data;
    private final int port;
    private EmbeddedPostgres server;

    private Postgres(Path data) throws IOException {
      this.data = data;
      this.server = start(data, 0);
      this.port = server.getPort();
    }

    @Override
    public String url() {
      return "jdbc:postgresql://localhost:" + port + "/postgres?user=postgres";
    }

    @Override
    public void stop() throws IOException {
      server.close();
    }

    @Override
    public void kill() throws IOException {
      long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
      ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
      process.destroyForcibly();
      process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
      server.close();
    }

    @Override
    public void restart() throws IOException {
      server = start(data, port);
    }

    @Override
    public void close() throws IOException {
      server.close();
    }

    /** A server that was killed needs a moment until its shared memory is free. */
    private static EmbeddedPostgres start(Path data, int port) throws IOException {
      IOException last = new IOException("not started");
      for (int attempt = 0; attempt < 5; attempt++) {
        try {
          return EmbeddedPostgres.builder()
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              .setPort(port)
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setPGStartupWait(Duration.ofSeconds(60))
              .start();
        } catch (IOException | IllegalStateException e) {
          last = new IOException("the database does not start", e);
          LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
      }
      throw last;
    }
  }
}
