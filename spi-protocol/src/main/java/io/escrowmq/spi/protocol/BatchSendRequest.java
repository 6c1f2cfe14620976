package io.escrowmq.spi.protocol;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Several messages for one queue: stored at consecutive offsets, all or none.
 *
 * @param envelope everything but body, flag and properties, which its entries have of their own
 */
public record BatchSendRequest(SendRequest envelope, List<Entry> entries) {

  public BatchSendRequest {
    entries = List.copyOf(entries);
  }

  /** One message of the batch. */
  public record Entry(int flag, String propertiesText, ByteBuffer body) {}
}
