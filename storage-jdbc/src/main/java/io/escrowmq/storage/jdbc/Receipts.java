package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Registration;
import io.escrowmq.storage.jdbc.WriterSession.Answer;
import io.escrowmq.storage.jdbc.WriterSession.Prepared;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells callers and listeners, in the order of the commits, on a thread of its own. */
final class Receipts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Receipts.class);

  private final List<Listening> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("jdbc-storage-receipts").factory());

  /** A group was committed. */
  void give(Prepared prepared) {
    Map<QueueId, Long> grown = new LinkedHashMap<>();
    prepared
        .overlay()
        .visible
        .forEach(visible -> grown.put(visible.head().queue, visible.offset() + 1));
    thread.execute(() -> {
      for (int i = 0; i < prepared.group().size(); i++) {
        Job.Write job = prepared.group().get(i);
        switch (prepared.answers().get(i)) {
          case Answer.Receipt(var receipt) -> job.receipt().complete(receipt);
          case Answer.Refusal(var reason) -> job.fail(reason);
        }
      }
      listeners.forEach(listening -> listening.tell(grown));
    });
  }

  /** Queues turned out to be longer than was known. */
  void tell(Map<QueueId, Long> grown) {
    thread.execute(() -> listeners.forEach(listening -> listening.tell(grown)));
  }

  /** A group did not happen, or nobody knows. */
  void refuse(List<Job.Write> group, RuntimeException reason) {
    thread.execute(() -> group.forEach(job -> job.fail(reason)));
  }

  Registration add(AppendListener listener) {
    Listening listening = new Listening(listener);
    listeners.add(listening);
    return () -> {
      listening.active = false;
      listeners.remove(listening);
    };
  }

  /** Tells what is still to be told. */
  @Override
  public void close() {
    thread.close();
  }

  private static final class Listening {
    private final AppendListener listener;
    private volatile boolean active = true;

    private Listening(AppendListener listener) {
      this.listener = listener;
    }

    private void tell(Map<QueueId, Long> grown) {
      grown.forEach((queue, maxOffset) -> {
        try {
          if (active) {
            listener.appended(queue, maxOffset);
          }
        } catch (RuntimeException e) {
          LOG.error("an append listener failed for {}", queue, e);
        }
      });
    }
  }
}
