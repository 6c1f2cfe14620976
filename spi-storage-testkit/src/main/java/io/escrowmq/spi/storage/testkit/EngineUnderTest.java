package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.StorageProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What an engine declares to the contract kit. Everything is on by default; a declared "no" is
 * checked too. The provider's id must be found by {@link java.util.ServiceLoader} on the test's
 * class path, because the crash suite opens the engine in a child JVM.
 */
public interface EngineUnderTest {

  /** The engine. */
  StorageProvider provider();

  /**
   * Engine-specific options for a store in the directory; small segments make the suites sharper.
   */
  default Map<String, String> options(Path directory) {
    return Map.of();
  }

  /** False if a closed store forgets everything. */
  default boolean persistent() {
    return true;
  }

  /** True if messages of a closed {@link io.escrowmq.spi.storage.MessageBatch} refuse access. */
  default boolean detectsUseAfterClose() {
    return false;
  }

  /**
   * Message bytes that retention may keep although they could go (the size of a segment or two).
   */
  default long retentionSlackBytes() {
    return 0;
  }

  /**
   * The files that hold acknowledged data, oldest first, for the torn-write suite; empty if the
   * engine leaves files to a library.
   */
  default List<Path> logFiles(Path directory) {
    return List.of();
  }

  /**
   * True if the write path goes through {@link io.escrowmq.spi.storage.StorageContext#disk()}, so
   * that the kit can cut the power, fail syncs and fill the disk.
   */
  default boolean writesThroughDisk() {
    return false;
  }
}
