package io.escrowmq.storage.jdbc;

import io.escrowmq.dev.mariadb.DevMariaDb;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** Restarts and kills of MariaDB. */
@Tag("mariadb")
class MariaDbRestartTest extends DatabaseRestart {

  @Override
  Database start(Path folder) {
    return new MariaDb(DevMariaDb.start());
  }

  private record MariaDb(DevMariaDb server) implements Database {

    @Override
    public String url() {
      return server.url("restart");
    }

    @Override
    public void stop() {
      server.stop();
    }

    @Override
    public void kill() {
      server.kill();
    }

    @Override
    public void restart() {
      server.restart();
    }

    @Override
    public void close() {
      server.close();
    }
  }
}
