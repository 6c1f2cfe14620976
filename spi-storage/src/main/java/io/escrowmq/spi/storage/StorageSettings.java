package io.escrowmq.spi.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What an operator chose for a store.
 *
 * @param directory where an embedded engine keeps its files; created if missing
 * @param durability what a completed write means unless the batch overrides it
 * @param decisionRetention how long released and discarded hold ids are remembered
 * @param retention which visible messages may be forgotten
 * @param options engine-specific settings, keys without the engine's prefix, kebab-case
 */
public record StorageSettings(
    Path directory,
    Durability durability,
    Duration decisionRetention,
    RetentionPolicy retention,
    Map<String, String> options) {

  /** How long decided hold ids are remembered by default. */
  public static final Duration DEFAULT_DECISION_RETENTION = Duration.ofDays(7);

  public StorageSettings {
    options = Map.copyOf(options);
    if (decisionRetention.isNegative() || decisionRetention.isZero()) {
      throw new IllegalArgumentException(
          "decisionRetention must be positive: " + decisionRetention);
    }
  }

  /** Settings with every default, for the given directory. */
  public static StorageSettings defaults(Path directory) {
    return new StorageSettings(
        directory,
        Durability.DURABLE,
        DEFAULT_DECISION_RETENTION,
        RetentionPolicy.DEFAULT,
        Map.of());
  }
}
