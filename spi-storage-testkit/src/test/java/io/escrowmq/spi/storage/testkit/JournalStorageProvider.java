package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;

/** The journal engine; the option {@code defect} breaks it. Public for the service loader only. */
public final class JournalStorageProvider implements StorageProvider {

  @Override
  public String id() {
    return "journal";
  }

  @Override
  public Storage open(StorageSettings settings, StorageContext context) {
    String defect = settings.options().getOrDefault("defect", JournalDefect.NONE.name());
    return new JournalStorage(settings, context, JournalDefect.valueOf(defect));
  }
}
