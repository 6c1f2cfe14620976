package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;

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
}
