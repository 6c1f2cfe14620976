package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import java.nio.file.Files;

/** The engine under the id {@code commitlog}. */
public final class CommitLogStorageProvider implements StorageProvider {

  /** The id of this engine. */
  public static final String ID = "commitlog";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public Storage open(StorageSettings settings, StorageContext context) {
    return CommitLogStorage.open(settings, context);
  }

  @Override
  public boolean exists(StorageSettings settings) {
    return Files.isDirectory(settings.directory().resolve(RecoveredLog.LOG));
  }
}
