package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.SharedStore;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import java.util.Optional;

/** The engine under the id {@code jdbc}. */
public final class JdbcStorageProvider implements StorageProvider {

  /** The id of this engine. */
  public static final String ID = "jdbc";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public Storage open(StorageSettings settings, StorageContext context) {
    return JdbcStorage.open(settings, context);
  }

  @Override
  public boolean exists(StorageSettings settings) {
    return JdbcStorage.exists(settings);
  }

  @Override
  public Optional<SharedStore> share(StorageSettings settings, StorageContext context, int shards) {
    return Optional.of(JdbcSharedStore.connect(settings, context, shards));
  }
}
