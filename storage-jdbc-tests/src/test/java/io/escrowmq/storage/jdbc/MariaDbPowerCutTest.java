package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.Companion;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.PowerCutContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The power of a MariaDB is cut while the engine works on it. */
@Tag("mariadb")
class MariaDbPowerCutTest extends PowerCutContract {

  @TempDir Path logs;

  @Override
  protected EngineUnderTest engine() {
    return new EngineOnCompanion();
  }

  @Override
  protected Companion companion() {
    return new MariaDbCompanion(logs.resolve("mariadb.log"), "1");
  }
}
