package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.QueueId;
import org.jspecify.annotations.Nullable;

/**
 * A hold as a group sees it.
 *
 * @param properties the message's properties as JSON, for the index
 * @param message the message if this group brought it; null if it lies in the database
 */
record HeldRow(
    QueueId queue,
    HoldKind kind,
    long heldAtMs,
    long wakeAtMs,
    Bytes attributes,
    int sizeBytes,
    String properties,
    @Nullable MessageRow message) {

  HeldRow rescheduled(HoldKind newKind, long newWakeAtMs, Bytes newAttributes) {
    return new HeldRow(
        queue, newKind, heldAtMs, newWakeAtMs, newAttributes, sizeBytes, properties, message);
  }
}
