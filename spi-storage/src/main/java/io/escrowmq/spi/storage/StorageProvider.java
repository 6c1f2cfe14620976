package io.escrowmq.spi.storage;

import java.util.Optional;

/**
 * An engine, found by {@link java.util.ServiceLoader}. Stateless; may be asked to open many stores.
 */
public interface StorageProvider {

  /**
   * The value of {@code escrowmq.storage.type} that selects this engine, for example {@code
   * commitlog}.
   */
  String id();

  /**
   * Opens (creating or recovering as needed) the store described by the settings.
   *
   * @throws StorageException.Corrupt if acknowledged data cannot be read back; nothing is truncated
   * @throws StorageException.Unavailable if the directory is locked by another process or the
   *     database refuses connections
   */
  Storage open(StorageSettings settings, StorageContext context);

  /**
   * Whether the settings describe a store that is there, open elsewhere or not. Creates nothing.
   *
   * @throws StorageException.Unavailable if the database refuses connections
   */
  default boolean exists(StorageSettings settings) {
    return true;
  }

  /**
   * Connects to a store that several servers share, creating what is missing.
   *
   * @param shards how many parts it has; a store that has more keeps them
   * @return empty if a store of this engine belongs to one server
   * @throws StorageException.Unavailable if the database refuses connections
   */
  default Optional<SharedStore> share(
      StorageSettings settings, StorageContext context, int shards) {
    return Optional.empty();
  }
}
