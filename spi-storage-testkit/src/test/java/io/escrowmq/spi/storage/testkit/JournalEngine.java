package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.StorageProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The journal engine as the kit sees it, sound or with a defect. */
record JournalEngine(JournalDefect defect) implements EngineUnderTest {

  @Override
  public StorageProvider provider() {
    return new JournalStorageProvider();
  }

  @Override
  public Map<String, String> options(Path directory) {
    return Map.of("defect", defect.name());
  }

  @Override
  public List<Path> logFiles(Path directory) {
    return List.of(directory.resolve("journal"));
  }

  @Override
  public boolean writesThroughDisk() {
    return true;
  }
}
