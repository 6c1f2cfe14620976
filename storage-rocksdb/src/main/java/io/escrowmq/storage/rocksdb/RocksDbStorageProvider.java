package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;

/** The engine under the id {@code rocksdb}. */
public final class RocksDbStorageProvider implements StorageProvider {

  /** The id of this engine. */
  public static final String ID = "rocksdb";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public Storage open(StorageSettings settings, StorageContext context) {
    return RocksDbStorage.open(settings, context);
  }

  @Override
  public boolean exists(StorageSettings settings) {
    return StoreFormat.exists(settings.directory());
  }
}
