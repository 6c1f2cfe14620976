package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Registration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants to hear of new messages. Thread-safe. */
final class Listeners {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final List<Listening> registered = new CopyOnWriteArrayList<>();

  private static final class Listening {
    private final AppendListener listener;
    private volatile boolean active = true;

    private Listening(AppendListener listener) {
      this.listener = listener;
    }

    private void tell(QueueId queue, long maxOffset) {
      if (active) {
        listener.appended(queue, maxOffset);
      }
    }
  }

  Registration add(AppendListener listener) {
    Listening listening = new Listening(listener);
    registered.add(listening);
    return () -> {
      listening.active = false;
      registered.remove(listening);
    };
  }

  /** Tells everybody. One that fails does not keep the others from hearing. */
  void announce(Map<QueueId, Long> grown) {
    for (Listening listening : registered) {
      grown.forEach((queue, max) -> tell(listening, queue, max));
    }
  }

  private static void tell(Listening listening, QueueId queue, long max) {
    try {
      listening.tell(queue, max);
    } catch (RuntimeException e) {
      LOG.error("an append listener failed for {}", queue, e);
    }
  }
}
