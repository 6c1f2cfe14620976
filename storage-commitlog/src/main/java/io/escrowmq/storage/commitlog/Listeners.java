package io.escrowmq.storage.commitlog;

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

  private final List<Listening> listeners = new CopyOnWriteArrayList<>();

  Registration add(AppendListener listener) {
    Listening listening = new Listening(listener);
    listeners.add(listening);
    return () -> {
      listening.active = false;
      listeners.remove(listening);
    };
  }

  void announce(Map<QueueId, Long> grown) {
    for (Listening listening : listeners) {
      for (Map.Entry<QueueId, Long> queue : grown.entrySet()) {
        listening.tell(queue.getKey(), queue.getValue());
      }
    }
  }

  private static final class Listening {
    private final AppendListener listener;
    private volatile boolean active = true;

    private Listening(AppendListener listener) {
      this.listener = listener;
    }

    private void tell(QueueId queue, long maxOffset) {
      if (!active) {
        return;
      }
      try {
        listener.appended(queue, maxOffset);
      } catch (RuntimeException e) {
        LOG.error("an append listener failed for {}", queue, e);
      }
    }
  }
}
