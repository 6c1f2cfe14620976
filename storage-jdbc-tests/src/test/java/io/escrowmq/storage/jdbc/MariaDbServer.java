package io.escrowmq.storage.jdbc;

import io.escrowmq.dev.mariadb.DevMariaDb;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/** One MariaDB for all tests of a JVM, with a database per store. */
final class MariaDbServer {

  private MariaDbServer() {}

  /** The URL of the database that belongs to this store; it is created if need be. */
  static String urlFor(Path store) {
    byte[] path = store.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
    return Running.SERVER.url("s" + UUID.nameUUIDFromBytes(path).toString().replace("-", ""));
  }

  /** Started by the first use; it ends with the JVM. */
  private static final class Running {
    private static final DevMariaDb SERVER = DevMariaDb.start();
  }
}
