package io.escrowmq.node;

import io.escrowmq.node.StorageCopy.Side;
import io.escrowmq.node.StorageCopyException.Reason;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** Stores of servers that do not run, opened by a command that fills or reads them. */
public final class OfflineStore {

  /** Longer than any decision is remembered: a command keeps what is there. */
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private static final String RETENTION_INTERVAL = "retention-interval-ms";

  private OfflineStore() {}

  /**
   * Opens a store, creating what is missing, so that it forgets nothing while it is open.
   *
   * @throws StorageCopyException if it is in use, damaged, or its settings are wrong
   */
  public static Storage open(Side side, StorageContext context) {
    StorageProvider engine = engine(side);
    return opening(side, () -> engine.open(unforgetting(side.settings()), context));
  }

  /**
   * Whether there is such a store. Creates nothing.
   *
   * @throws StorageCopyException if that cannot be said
   */
  public static boolean exists(Side side) {
    StorageProvider engine = engine(side);
    return opening(side, () -> engine.exists(side.settings()));
  }

  static <T> T opening(Side side, Supplier<T> work) {
    try {
      return work.get();
    } catch (StorageException e) {
      throw new StorageCopyException(
          Reason.NOT_USABLE, side.name() + ": " + e.getMessage(), e.remedy(), e);
    } catch (IllegalArgumentException e) {
      throw new StorageCopyException(
          Reason.NOT_USABLE,
          side.name() + ": " + e.getMessage(),
          "Correct the settings of this store.",
          e);
    }
  }

  /** The settings without what would remove anything. */
  private static StorageSettings unforgetting(StorageSettings settings) {
    Map<String, String> options = new HashMap<>(settings.options());
    options.computeIfPresent(RETENTION_INTERVAL, (_, _) -> "0");
    return new StorageSettings(
        settings.directory(), settings.durability(), FOR_EVER, settings.retention(), options);
  }

  private static StorageProvider engine(Side side) {
    try {
      return NodeParts.engine(
          side.type(),
          ServiceLoader.load(StorageProvider.class, OfflineStore.class.getClassLoader()));
    } catch (NodeStartException e) {
      throw new StorageCopyException(
          Reason.NOT_USABLE, e.what() + ": " + e.where() + ": " + e.why(), e.remedy(), e);
    }
  }
}
