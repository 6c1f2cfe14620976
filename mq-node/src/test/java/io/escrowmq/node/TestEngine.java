package io.escrowmq.node;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.testkit.InMemoryStorageProvider;
import java.util.function.UnaryOperator;

/** The in-memory engine, wrapped by the test. */
record TestEngine(UnaryOperator<Storage> wrapper) implements StorageProvider {

  static final String ID = "test";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public Storage open(StorageSettings settings, StorageContext context) {
    return wrapper.apply(new InMemoryStorageProvider().open(settings, context));
  }
}
