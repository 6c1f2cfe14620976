package io.escrowmq.broker.pop;

import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.broker.pop.InFlight.Again;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.StorageHealth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the messages for a request in one queue. Changes nothing. May block for I/O. */
final class QueueReader {

  private static final Logger LOG = LoggerFactory.getLogger(QueueReader.class);
  private static final int FILTERED_READ_MESSAGES = 1024;
  private static final int MAX_READS = 16;

  /** Acknowledgements of the same queue wait as long. */
  private static final long MAX_LOOKING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Dead letters of one batch; the others follow with the next. */
  private static final long MAX_DEAD_LETTER_BYTES = 4 * 1024 * 1024;

  private final String group;
  private final QueueId queue;
  private final PopEnvironment environment;
  private final PopLimits limits;

  QueueReader(String group, QueueId queue, PopEnvironment environment, PopLimits limits) {
    this.group = group;
    this.queue = queue;
    this.environment = environment;
    this.limits = limits;
  }

  /** Messages that come back, then new ones. Must be closed if it is not used. */
  Plan plan(InFlight flight, Order order, long nowMs) {
    Plan plan = new Plan(flight.cursor());
    boolean whole = false;
    try {
      List<Again> again =
          order.ordered() ? flight.inOrder(nowMs, order.max()) : flight.due(nowMs, order.max());
      readAgain(plan, again, order.ordered());
      int room = Math.min(order.max() - plan.messages.size(), limits.maxInFlight() - flight.size());
      // An ordered request that is sent again gets what it got, and not more behind it.
      boolean repeats = order.ordered() && flight.isAnyOut(nowMs);
      // Nor does a new message overtake one that comes back and was not looked at yet.
      boolean overtakes = order.ordered() && again.size() < flight.size();
      if (room > 0 && !plan.stopped && !repeats && !overtakes) {
        readNew(plan, order.filter(), room);
        plan.unfinished = plan.messages.isEmpty() && plan.cursor < plan.end;
      } else {
        plan.end = Math.max(plan.cursor, environment.storage().log().bounds(queue).max());
      }
      whole = true;
      return plan;
    } finally {
      if (!whole) {
        plan.close();
      }
    }
  }

  /** Dead letters among messages that come back; the others stay where they are. */
  Plan exhausted(InFlight flight, List<Again> due) {
    int maxRetries = environment.host().maxRetries(group);
    Plan plan = new Plan(flight.cursor());
    try {
      readAgain(plan, due.stream().filter(it -> it.attempt() > maxRetries).toList(), false);
    } finally {
      plan.close();
    }
    return plan;
  }

  private void readAgain(Plan plan, List<Again> again, boolean ordered) {
    int maxRetries = environment.host().maxRetries(group);
    List<Again> sorted = new ArrayList<>(again);
    sorted.sort(Comparator.comparingLong(Again::offset));
    int bytes = 0;
    for (int from = 0; from < sorted.size() && !plan.stopped; ) {
      int to = endOfRun(sorted, from);
      int room = Math.max(1, limits.maxBytes() - bytes);
      MessageBatch batch =
          environment
              .storage()
              .log()
              .read(queue, sorted.get(from).offset(), new ReadLimits(to - from, room));
      plan.sources.add(batch);
      if (batch.messages().isEmpty()) {
        plan.lost.add(sorted.get(from).offset());
        from++;
        continue;
      }
      for (Message message : batch.messages()) {
        take(plan, message, sorted.get(from).attempt(), maxRetries, ordered);
        bytes += message.size();
        from++;
      }
      if (bytes >= limits.maxBytes()) {
        plan.stopped = true;
      }
    }
  }

  private static int endOfRun(List<Again> sorted, int from) {
    int to = from + 1;
    while (to < sorted.size() && sorted.get(to).offset() == sorted.get(to - 1).offset() + 1) {
      to++;
    }
    return to;
  }

  private void take(Plan plan, Message message, int attempt, int maxRetries, boolean ordered) {
    if (plan.stopped && ordered) {
      return;
    }
    if (attempt <= maxRetries) {
      plan.give(message, attempt);
    } else if (!bury(plan, message, attempt)) {
      plan.stopped |= ordered;
    }
  }

  private boolean bury(Plan plan, Message message, int attempt) {
    long bytes =
        plan.deadLetters.values().stream().mapToLong(it -> it.message().size()).sum()
            + message.size();
    if (!plan.deadLetters.isEmpty() && bytes > MAX_DEAD_LETTER_BYTES) {
      return false;
    }
    if (environment.storage().maintenance().health().state() == StorageHealth.State.FULL) {
      // A batch with a message would be refused as a whole, with what else the request gets.
      return false;
    }
    try {
      Message last = message.withReconsumeTimes(message.reconsumeTimes() + attempt - 1);
      plan.deadLetters.put(message.queueOffset(), environment.host().deadLetter(group, last));
      return true;
    } catch (BrokerException e) {
      LOG.warn(
          "message {} of {} cannot become a dead letter of group {}: {}. It stays until it can",
          message.queueOffset(),
          queue,
          group,
          e.describe());
      return false;
    }
  }

  private void readNew(Plan plan, MessageFilter filter, int room) {
    long stopNanos = environment.time().nanos() + MAX_LOOKING_NANOS;
    int left = room;
    for (int reads = 0; left > 0 && (reads == 0 || mayGoOn(reads, stopNanos)); reads++) {
      int wanted = filter.wantsAll() ? left : FILTERED_READ_MESSAGES;
      MessageBatch batch =
          environment
              .storage()
              .log()
              .read(queue, plan.cursor, new ReadLimits(wanted, limits.maxBytes()));
      plan.sources.add(batch);
      QueueBounds bounds = batch.bounds();
      plan.end = Math.max(bounds.max(), plan.cursor);
      if (plan.cursor < bounds.min()) {
        plan.cursor = bounds.min();
        continue;
      }
      if (batch.messages().isEmpty()) {
        return;
      }
      int before = plan.messages.size();
      look(plan, filter, batch.messages(), left);
      left -= plan.messages.size() - before;
      // A waiting consumer is better served with some messages now.
      if (!plan.messages.isEmpty()) {
        return;
      }
    }
  }

  private boolean mayGoOn(int reads, long stopNanos) {
    return reads < MAX_READS && environment.time().nanos() - stopNanos < 0;
  }

  private static void look(Plan plan, MessageFilter filter, List<Message> messages, int room) {
    int left = room;
    for (Message message : messages) {
      if (left == 0) {
        return;
      }
      plan.cursor = message.queueOffset() + 1;
      if (filter.matches(message)) {
        plan.give(message, 0);
        left--;
      }
    }
  }
}
