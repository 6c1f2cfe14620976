package io.escrowmq.samples.bank;

import io.escrowmq.samples.bank.contract.Transfer;
import io.escrowmq.samples.bank.debit.DebitResult;
import io.escrowmq.samples.bank.debit.DebitService;
import io.escrowmq.samples.bank.debit.TransferFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The customers of the debit service: threads that order transfers, one after the other. */
final class Senders implements AutoCloseable {
  private static final int THREADS = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final DebitService service;
  private final Scoreboard scoreboard;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  Senders(DebitService service, Scoreboard scoreboard) {
    this.service = service;
    this.scoreboard = scoreboard;
  }

  /** Orders these transfers and returns at once. */
  List<Future<?>> order(List<PlannedTransfer> transfers) {
    List<Future<?>> orders = new ArrayList<>(transfers.size());
    for (PlannedTransfer planned : transfers) {
      orders.add(threads.submit(() -> make(planned.transfer())));
    }
    return orders;
  }

  private Void make(Transfer transfer) throws TransferFailedException, InterruptedException {
    DebitResult result = service.transfer(transfer, PATIENCE);
    if (result == DebitResult.REFUSED) {
      scoreboard.rolledBack(transfer);
    }
    scoreboard.attempted();
    return null;
  }

  /** Waits until all these orders are done. */
  static void await(List<Future<?>> orders) throws InterruptedException {
    for (Future<?> order : orders) {
      try {
        order.get();
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw new DemoFailure(
            String.valueOf(cause.getMessage()),
            "See whether the server runs and can be reached; the log of the client is among the logs.",
            cause);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
