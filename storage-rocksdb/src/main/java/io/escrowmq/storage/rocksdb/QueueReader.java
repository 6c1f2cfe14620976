package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds queues and the places of their messages. Thread-safe. */
final class QueueReader {

  private final Database database;

  QueueReader(Database database) {
    this.database = database;
  }

  /** The queue, if it ever had a message. */
  Optional<QueueHead> head(QueueId queue) {
    return Optional.ofNullable(database.get(Family.QUEUES, Keys.queue(queue)))
        .map(QueueHead::decode);
  }

  /** The bucket with a readable message of the queue; null if it went meanwhile. */
  @Nullable Bucket bucketOf(QueueHead head, long offset) {
    return offset >= head.bucketStart()
        ? database.bucket(head.bucket())
        : bucketOf(head.uid(), offset);
  }

  /** The bucket that an offset lies in, if there is one. */
  @Nullable Bucket bucketOf(int uid, long offset) {
    Map.Entry<byte[], byte[]> span = database.floor(Family.SPANS, Keys.span(uid, offset));
    if (span == null || Keys.uidOfSpan(span.getKey()) != uid) {
      return null;
    }
    return database.bucket(ByteBuffer.wrap(span.getValue()).getLong());
  }
}
