package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.StorageHealth;
import java.util.ArrayList;
import java.util.Map;

/** Retention and figures. Memory has no checksums to verify and nothing to checkpoint. */
final class MemoryMaintenance implements Maintenance {

  private final MemoryGate gate;
  private final MemoryContents contents;
  private final MemoryWriter writer;
  private final RetentionPolicy retention;

  MemoryMaintenance(
      MemoryGate gate, MemoryContents contents, MemoryWriter writer, RetentionPolicy retention) {
    this.gate = gate;
    this.contents = contents;
    this.writer = writer;
    this.retention = retention;
  }

  @Override
  public void retain() {
    gate.enter(() -> {
      for (Message oldest : new ArrayList<>(contents.visible.values())) {
        if (!mayGo(oldest)) {
          break;
        }
        contents.trim(oldest.queueId(), oldest.queueOffset() + 1);
      }
      return contents.decided.values().removeIf(writer::isForgotten);
    });
  }

  @Override
  public void checkpoint() {
    gate.enter(() -> contents);
  }

  @Override
  public Verification verify() {
    return gate.enter(() -> new Verification(contents.visible.size(), contents.visibleBytes));
  }

  @Override
  public Map<String, Long> statistics() {
    return gate.enter(() ->
        Map.of(
            "visible-messages", (long) contents.visible.size(),
            "visible-bytes", contents.visibleBytes,
            "holds", (long) contents.held.size(),
            "queues", (long) contents.queues.size()));
  }

  @Override
  public StorageHealth health() {
    return gate.isClosed()
        ? new StorageHealth(StorageHealth.State.DOWN, "the store is closed", "Open it again.")
        : StorageHealth.UP;
  }

  private boolean mayGo(Message message) {
    return writer.nowMs() - message.storeTimeMs() > retention.maxAge().toMillis()
        || contents.visibleBytes > retention.maxBytes();
  }
}
