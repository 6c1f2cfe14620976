package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.storage.commitlog.log.RecordReader;
import io.escrowmq.storage.commitlog.views.Decision;
import io.escrowmq.storage.commitlog.views.HoldRow;
import io.escrowmq.storage.commitlog.views.Holds;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads of held messages. Thread-safe. */
final class CommitLogEscrow implements Escrow {

  private static final int TRIES = 3;

  private final Holds holds;
  private final RecordReader records;
  private final TimeSource time;
  private final long decisionRetentionMs;
  private final AdmissionControl admission;

  CommitLogEscrow(
      Holds holds,
      RecordReader records,
      TimeSource time,
      Duration decisionRetention,
      AdmissionControl admission) {
    this.holds = holds;
    this.records = records;
    this.time = time;
    this.decisionRetentionMs = decisionRetention.toMillis();
    this.admission = admission;
  }

  @Override
  public Optional<HeldMessage> get(HoldId id) {
    for (int i = 0; i < TRIES; i++) {
      Optional<HoldRow> row = holds.find(id);
      if (row.isEmpty()) {
        return Optional.empty();
      }
      Optional<ByteBuffer> bytes =
          records.message(
              row.get().body().position(), row.get().body().offset(), row.get().body().size());
      if (bytes.isPresent()) {
        return Optional.of(new HeldMessage(row.get().entry(id), Message.wrap(bytes.get())));
      }
    }
    admission.checkOpen();
    throw new StorageException.Corrupt("the log has no bytes for the held message " + id);
  }

  @Override
  public HoldStatus status(HoldId id) {
    // Twice, because between the two look-ups the hold may be decided, or its id held again.
    for (int i = 0; i < 2; i++) {
      if (holds.find(id).isPresent()) {
        return HoldStatus.HELD;
      }
      Optional<Decision> decision = holds.decision(id);
      if (decision.isPresent()) {
        return time.nowMs() - decision.get().decidedAtMs() > decisionRetentionMs
            ? HoldStatus.UNKNOWN
            : decision.get().status();
      }
    }
    return HoldStatus.UNKNOWN;
  }

  @Override
  public List<HoldEntry> due(HoldKind kind, Optional<HoldEntry> after, long beforeMs, int limit) {
    return holds.due(kind, after, beforeMs, limit);
  }

  @Override
  public List<HoldEntry> scan(HoldKind kind, Optional<HoldId> after, int limit) {
    return holds.scan(kind, after, limit);
  }

  @Override
  public List<DecidedHold> decided(Optional<HoldId> after, int limit) {
    return holds.decided(after, time.nowMs() - decisionRetentionMs, limit);
  }

  @Override
  public Map<HoldGroup, Long> counts() {
    admission.checkOpen();
    return holds.counts();
  }
}
