package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.testkit.Companion;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.PowerCutContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** A MariaDB that syncs once a second loses what it committed, and the engine says so. */
@Tag("mariadb")
class MariaDbLazyPowerCutTest extends PowerCutContract {

  @TempDir Path logs;

  @Override
  protected EngineUnderTest engine() {
    return new EngineOnCompanion();
  }

  @Override
  protected Companion companion() {
    return new MariaDbCompanion(logs.resolve("mariadb.log"), "2");
  }
}
