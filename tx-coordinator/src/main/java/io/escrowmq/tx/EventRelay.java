package io.escrowmq.tx;

import io.escrowmq.spi.storage.TimeSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens, logs what deserves a line, and tells the listener. Thread-safe. */
final class EventRelay {

  private static final Logger log = LoggerFactory.getLogger(TransactionCoordinator.class);
  private static final long LOG_INTERVAL_NANOS = 1_000_000_000L;

  private final TimeSource time;
  private final Consumer<TransactionEvent> listener;
  private final AtomicLong nextConflictLineNanos;
  private final AtomicLong nextErrorLineNanos;
  private final AtomicLong nextParkedLineNanos;
  private final LongAdder prepared = new LongAdder();
  private final LongAdder committed = new LongAdder();
  private final LongAdder rolledBack = new LongAdder();
  private final LongAdder conflicts = new LongAdder();
  private final LongAdder asked = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder checkErrors = new LongAdder();

  EventRelay(TimeSource time, Consumer<TransactionEvent> listener) {
    this.time = time;
    this.listener = listener;
    nextConflictLineNanos = new AtomicLong(time.nanos());
    nextErrorLineNanos = new AtomicLong(time.nanos());
    nextParkedLineNanos = new AtomicLong(time.nanos());
  }

  void publish(TransactionEvent event) {
    switch (event) {
      case TransactionEvent.Prepared _ -> prepared.increment();
      case TransactionEvent.Decided it ->
          (it.decision() == Decision.COMMIT ? committed : rolledBack).increment();
      case TransactionEvent.Conflicted it -> conflicted(it);
      case TransactionEvent.Asked _ -> asked.increment();
      case TransactionEvent.Scheduled _ -> {
        // Counted with its transaction.
      }
      case TransactionEvent.Parked it -> parked(it);
      case TransactionEvent.Rearmed it ->
          log.info("Transaction {} is asked about again, by {}", it.handle(), it.decider());
    }
    listener.accept(event);
  }

  void answered() {
    answered.increment();
  }

  /** A question could not be asked. */
  void checkError(String what, Throwable cause) {
    checkErrors.increment();
    if (mayLog(nextErrorLineNanos)) {
      log.warn("{}; it is tried again later ({} so far)", what, checkErrors.sum(), cause);
    }
  }

  TransactionStatistics statistics(long open, long parked, long oldestOpenMs, long waiting) {
    return new TransactionStatistics(
        open,
        parked,
        oldestOpenMs,
        waiting,
        prepared.sum(),
        committed.sum(),
        rolledBack.sum(),
        conflicts.sum(),
        asked.sum(),
        answered.sum(),
        checkErrors.sum());
  }

  private void parked(TransactionEvent.Parked event) {
    if (mayLog(nextParkedLineNanos)) {
      log.warn(
          "Transaction {} of producer group {} is parked ({}): no producer decided it. It stays held;"
              + " find out what became of its local transaction, then commit, roll back or re-arm it."
              + " Others parked in the same second are in {} only.",
          event.handle(),
          event.producerGroup(),
          event.reason(),
          AuditTrail.QUEUE.topic());
    }
  }

  private void conflicted(TransactionEvent.Conflicted event) {
    conflicts.increment();
    if (mayLog(nextConflictLineNanos)) {
      log.warn(
          "Transaction {} is decided {}; {} {} asked for {}: not obeyed ({} conflicts so far)."
              + " Compare this producer's journal with its audit records.",
          event.handle(),
          event.recorded(),
          event.decider().kind(),
          event.decider().identity(),
          event.requested(),
          conflicts.sum());
    }
  }

  private boolean mayLog(AtomicLong nextNanos) {
    long now = time.nanos();
    long next = nextNanos.get();
    return now - next >= 0 && nextNanos.compareAndSet(next, now + LOG_INTERVAL_NANOS);
  }
}
