package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;

/** The reference engine under the id {@code memory}: for tests; nothing survives the process. */
public final class InMemoryStorageProvider implements StorageProvider {

  /** The id of this engine. */
  public static final String ID = "memory";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public Storage open(StorageSettings settings, StorageContext context) {
    return InMemoryStorage.open(settings, context);
  }
}
