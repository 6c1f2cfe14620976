package io.escrowmq.storage.jdbc;

import java.util.HashMap;
import java.util.Map;

/**
 * What a bucket has that nothing is added to any more.
 *
 * @param deletions of the buckets when it was counted
 * @param messages how many
 * @param bytes of the messages
 * @param newestMs store time of the newest; -1 if there is none
 * @param next for the numbers of its queues, the offset after the last one here
 */
record BucketSummary(
    Bucket bucket,
    long deletions,
    long messages,
    long bytes,
    long newestMs,
    Map<Integer, Long> next) {

  private static final long PAGE = 100_000;

  /** Counts page by page: no statement takes long. */
  static BucketSummary read(Readers readers, Bucket bucket, long deletions) {
    Sums sums = new Sums();
    long[] ends =
        readers.query(
            "select min(position), max(position) from %s".formatted(bucket.messages()),
            statement -> {},
            row -> {
              row.next();
              long first = row.getLong(1);
              return row.wasNull() ? new long[] {0, -1} : new long[] {first, row.getLong(2)};
            });
    for (long from = ends[0]; from <= ends[1]; from += PAGE) {
      long first = from;
      long last = Math.min(from + PAGE - 1, ends[1]);
      readers.query(
          ("select queue_id, max(queue_offset) + 1, count(*), sum(size_bytes), max(store_ms) from"
                  + " %s where position between ? and ? group by queue_id")
              .formatted(bucket.messages()),
          statement -> {
            statement.setLong(1, first);
            statement.setLong(2, last);
          },
          row -> {
            while (row.next()) {
              sums.next.merge(row.getInt(1), row.getLong(2), Math::max);
              sums.messages += row.getLong(3);
              sums.bytes += row.getLong(4);
              sums.newestMs = Math.max(sums.newestMs, row.getLong(5));
            }
            return sums;
          });
    }
    return new BucketSummary(
        bucket, deletions, sums.messages, sums.bytes, sums.newestMs, Map.copyOf(sums.next));
  }

  private static final class Sums {
    private final Map<Integer, Long> next = new HashMap<>();
    private long messages;
    private long bytes;
    private long newestMs = -1;
  }
}
