package io.escrowmq.samples.bank;

import io.escrowmq.samples.bank.contract.Transfer;
import io.escrowmq.samples.bank.credit.CreditObserver;
import io.escrowmq.samples.bank.debit.CheckObserver;
import io.escrowmq.samples.bank.debit.TransactionJournal;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * What the two services have reported so far. Safe for use by many threads. Only for display and
 * for waiting: whether the money is right is judged by {@link Audit}, from the databases.
 */
final class Scoreboard implements CreditObserver, CheckObserver {
  private static final long WAKE_UP_MS = 200;

  private final Set<String> open = new TreeSet<>();
  private final Set<String> sentByDoomed = new HashSet<>();
  private final Set<String> settledByCheckBack = new HashSet<>();
  private final Clock clock;
  private int total;
  private int attempted;
  private int duplicates;

  Scoreboard(List<PlannedTransfer> plan, Clock clock) {
    this.clock = clock;
    total = plan.size();
    for (PlannedTransfer planned : plan) {
      open.add(planned.transfer().id());
      if (planned.fate().killsItsSender()) {
        sentByDoomed.add(planned.transfer().id());
      }
    }
  }

  /** A sender is done with a transfer. */
  synchronized void attempted() {
    attempted++;
    notifyAll();
  }

  /** A sender knows that nothing was taken. */
  synchronized void rolledBack(Transfer transfer) {
    open.remove(transfer.id());
    notifyAll();
  }

  @Override
  public synchronized void credited(Transfer transfer) {
    open.remove(transfer.id());
    notifyAll();
  }

  @Override
  public synchronized void duplicateFiltered(Transfer transfer) {
    duplicates++;
    notifyAll();
  }

  @Override
  public synchronized void answered(Transfer transfer, TransactionJournal.State state) {
    settledByCheckBack.add(transfer.id());
    // A living sender whose message was rolled back makes the transfer with another message; a dead
    // one does not.
    if (state == TransactionJournal.State.ROLLED_BACK && sentByDoomed.contains(transfer.id())) {
      open.remove(transfer.id());
    }
    notifyAll();
  }

  synchronized int total() {
    return total;
  }

  synchronized int attemptedSoFar() {
    return attempted;
  }

  /** Transfers whose end is known: the money arrived, or was never taken. */
  synchronized int settled() {
    return total - open.size();
  }

  synchronized int settledByCheckBack() {
    return settledByCheckBack.size();
  }

  synchronized int duplicates() {
    return duplicates;
  }

  /** Ids of transfers whose end is not known yet, in order. */
  synchronized List<String> open() {
    return List.copyOf(open);
  }

  /**
   * Waits until the condition holds, looking again after each report.
   *
   * @param alsoCheck run now and then; may throw to end the wait
   * @return whether it holds; false when the time is over
   */
  synchronized boolean await(BooleanSupplier condition, Duration patience, Runnable alsoCheck)
      throws InterruptedException {
    long deadlineMs = clock.millis() + patience.toMillis();
    while (!condition.getAsBoolean()) {
      alsoCheck.run();
      if (clock.millis() >= deadlineMs) {
        return false;
      }
      wait(WAKE_UP_MS);
    }
    return true;
  }
}
