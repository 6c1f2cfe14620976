package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the audit trail, a page at a time in either direction. Blocks. Thread-safe. */
final class AuditReader {

  private static final Logger log = LoggerFactory.getLogger(AuditReader.class);
  private static final int PAGE = 256;
  private static final int PAGE_BYTES = 1 << 20;

  private final Storage storage;

  AuditReader(Storage storage) {
    this.storage = storage;
  }

  /**
   * Some records.
   *
   * @param next where to go on: the next offset to read, or going backwards the offset below which
   *     to go on; empty if that was all
   */
  record Page(List<AuditRecord> records, Optional<Long> next) {}

  QueueBounds bounds() {
    return storage.log().bounds(AuditTrail.QUEUE);
  }

  /** First record at or after the time, or the end. */
  long offsetAt(long timeMs) {
    return storage.log().offsetAt(AuditTrail.QUEUE, timeMs);
  }

  /**
   * Records from the offset on, oldest first.
   *
   * @param endOffset exclusive
   * @param look most records looked at, whether wanted or not
   */
  Page forward(
      long fromOffset, long endOffset, int limit, int look, Predicate<AuditRecord> wanted) {
    List<AuditRecord> found = new ArrayList<>();
    long at = Math.max(fromOffset, bounds().min());
    long end = Math.min(endOffset, at + look);
    while (at < end) {
      List<AuditRecord> page = read(at, (int) Math.min(PAGE, end - at));
      if (page.isEmpty()) {
        return new Page(found, Optional.empty());
      }
      for (AuditRecord record : page) {
        at = record.offset() + 1;
        if (wanted.test(record)) {
          found.add(record);
          if (found.size() == limit) {
            return new Page(found, at < endOffset ? Optional.of(at) : Optional.empty());
          }
        }
      }
    }
    return new Page(found, at < endOffset ? Optional.of(at) : Optional.empty());
  }

  /**
   * Records below the offset, newest first.
   *
   * @param look most records looked at, whether wanted or not
   */
  Page backward(
      long belowOffset, long minOffset, int limit, int look, Predicate<AuditRecord> wanted) {
    List<AuditRecord> found = new ArrayList<>();
    long floor = Math.max(minOffset, bounds().min());
    long at = belowOffset;
    long stop = Math.max(floor, belowOffset - look);
    while (at > stop) {
      List<AuditRecord> page = between(Math.max(stop, at - PAGE), at);
      for (AuditRecord record : page.reversed()) {
        at = record.offset();
        if (wanted.test(record)) {
          found.add(record);
          if (found.size() == limit) {
            return new Page(found, at > floor ? Optional.of(at) : Optional.empty());
          }
        }
      }
      if (page.isEmpty()) {
        return new Page(found, Optional.empty());
      }
    }
    return new Page(found, at > floor ? Optional.of(at) : Optional.empty());
  }

  /** Some records that a look-up found, newest first. */
  record Found(List<AuditRecord> records, Optional<Bytes> continuation) {}

  /** Records with the key, which is a handle or a message's unique key. */
  Found byKey(String key, int limit, Optional<Bytes> continuation) {
    MessageIndex.Answer answer =
        storage
            .index()
            .find(
                new MessageIndex.Query(
                    AuditTrail.QUEUE.topic(),
                    MessageIndex.Field.KEY,
                    AuditTrail.word(key),
                    0,
                    Long.MAX_VALUE,
                    limit,
                    continuation));
    List<AuditRecord> records = new ArrayList<>();
    answer.messages().forEach(message -> add(records, message));
    return new Found(records, answer.continuation());
  }

  /** All records of a stretch: a read may end early, at its bound on bytes. */
  private List<AuditRecord> between(long from, long end) {
    List<AuditRecord> all = new ArrayList<>();
    long at = from;
    while (at < end) {
      List<AuditRecord> page = read(at, (int) (end - at));
      if (page.isEmpty()) {
        break;
      }
      all.addAll(page);
      at = page.getLast().offset() + 1;
    }
    return all;
  }

  private List<AuditRecord> read(long from, int count) {
    List<AuditRecord> records = new ArrayList<>();
    long next = from;
    // A page of nothing but unreadable messages must not look like the end.
    while (records.isEmpty()) {
      try (MessageBatch batch =
          storage.log().read(AuditTrail.QUEUE, next, new ReadLimits(count, PAGE_BYTES))) {
        if (batch.messages().isEmpty()) {
          break;
        }
        for (Message message : batch.messages()) {
          next = message.queueOffset() + 1;
          add(records, message);
        }
      }
    }
    return records;
  }

  private static void add(List<AuditRecord> records, Message message) {
    try {
      records.add(AuditRecord.of(message));
    } catch (IllegalArgumentException e) {
      // Somebody else's message, or a newer version's: the others are still worth something.
      log.warn("Message {} of {} is skipped", message.queueOffset(), AuditTrail.QUEUE, e);
    }
  }
}
