package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ConsumeServices;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Pulls: checks, reads, filters, and waits for what is not there yet. */
final class Consuming implements ConsumeServices {

  /**
   * Reads for one answer whose messages all fail the filter; then the client hears how far we are.
   */
  private static final int MAX_READS = 16;

  private static final int FILTERED_READ_MESSAGES = 1024;

  private final Parts parts;
  private final Background background;
  private final BrokerSettings settings;
  private final PullWaiters waiters;

  Consuming(Parts parts, Background background, BrokerSettings settings) {
    this.parts = parts;
    this.background = background;
    this.settings = settings;
    this.waiters =
        new PullWaiters(parts.log(), background, settings.limits().maxWaitingPulls(), this::resume);
  }

  /** What a pull has to look at. */
  record Parts(
      MessageLog log,
      Gate gate,
      Topics topics,
      Groups.Registry registry,
      OffsetTable offsets,
      QueueLocks locks,
      Counters counters) {}

  /** The pulls that wait. */
  PullWaiters waiters() {
    return waiters;
  }

  @Override
  public CompletionStage<PullAnswer> pull(PullRequest request) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      // First the group: its retry topic, which may be the one that is pulled, comes with it.
      parts.registry().table().ensure(request.consumerGroup(), parts.topics());
      checkQueue(request);
      checkGroup(request.consumerGroup());
      TagFilter filter = filterFor(request);
      commitOnTheWay(request);
      long suspendMs =
          Math.clamp(request.suspendMs(), 0, settings.timings().maxSuspend().toMillis());
      long deadline = background.time().nanos() + TimeUnit.MILLISECONDS.toNanos(suspendMs);
      PendingPull pull = new PendingPull(request, filter, deadline);
      serve(pull);
      return pull.answer();
    });
  }

  @Override
  public Set<QueueId> lock(String consumerGroup, String clientId, Collection<QueueId> queues) {
    parts.gate().checkOpen();
    TopicNames.checkGroup(consumerGroup);
    return parts.locks().lock(consumerGroup, clientId, queues);
  }

  @Override
  public void unlock(String consumerGroup, String clientId, Collection<QueueId> queues) {
    parts.locks().unlock(consumerGroup, clientId, queues);
  }

  private void checkQueue(PullRequest request) {
    TopicConfig topic = parts.topics().require(request.queue().topic());
    if (!topic.readable()) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "topic " + topic.name() + " may not be read",
          "Give it the read permission.");
    }
    if (request.queue().queue() >= topic.readQueues()) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "topic "
              + topic.name()
              + " has no read queue "
              + request.queue().queue()
              + ", only 0 to "
              + (topic.readQueues() - 1),
          "Fetch the route of the topic again.");
    }
  }

  private void checkGroup(String group) {
    GroupConfig config = parts.registry().table().find(group);
    if (config != null && !config.consumes()) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "group " + group + " may not consume",
          "An operator switched it off; switch it on again (mqadmin updateSubGroup -s true).");
    }
  }

  private TagFilter filterFor(PullRequest request) {
    if (request.subscription().isPresent()) {
      return TagFilter.of(request.subscription().get());
    }
    String topic = request.queue().topic();
    Optional<Subscription> known =
        parts
            .registry()
            .consumers()
            .subscription(request.connection(), request.consumerGroup(), topic);
    if (known.isEmpty()) {
      throw new BrokerException(
          ErrorCode.SUBSCRIPTION_NOT_FOUND,
          "no heartbeat said what group " + request.consumerGroup() + " wants of " + topic,
          "Send a heartbeat with the subscription, then pull again.");
    }
    if (known.get().version() < request.subscriptionVersion()) {
      throw new BrokerException(
          ErrorCode.SUBSCRIPTION_NOT_LATEST,
          "the subscription of group "
              + request.consumerGroup()
              + " to "
              + topic
              + " is older here than at the client",
          "Send a heartbeat with the newer one, then pull again.");
    }
    return TagFilter.of(known.get());
  }

  private void commitOnTheWay(PullRequest request) {
    long offset = request.commitOffset().orElse(-1);
    if (offset >= 0) {
      parts.offsets().commitSoon(request.consumerGroup(), request.queue(), offset);
    }
  }

  private void resume(PendingPull pull) {
    if (pull.request().connection().isOpen()) {
      serve(pull);
    } else {
      pull.nothing(PullAnswer.Status.NOTHING_NEW, pull.nextOffset(), QueueBounds.EMPTY);
    }
  }

  /** Reads until something passes the filter; else lets the pull wait. May block. */
  private void serve(PendingPull pull) {
    try {
      QueueBounds bounds = QueueBounds.EMPTY;
      for (int reads = 0; reads < MAX_READS; reads++) {
        QueueBounds seen = readOnce(pull);
        if (seen == null) {
          return;
        }
        bounds = seen;
        if (pull.nextOffset() >= seen.max()) {
          waitOrGiveUp(pull, seen);
          return;
        }
      }
      pull.nothing(PullAnswer.Status.NONE_MATCHED, pull.nextOffset(), bounds);
    } catch (RuntimeException e) {
      pull.failed(e);
    }
  }

  /** One read. Null if the pull was answered. */
  private @Nullable QueueBounds readOnce(PendingPull pull) {
    long offset = pull.nextOffset();
    MessageBatch batch = parts.log().read(pull.request().queue(), offset, limitsOf(pull));
    boolean handedOver = false;
    try {
      QueueBounds bounds = batch.bounds();
      if (offset < bounds.min() || offset > bounds.max()) {
        long nearest = offset < bounds.min() ? bounds.min() : bounds.max();
        pull.nothing(PullAnswer.Status.OFFSET_MOVED, nearest, bounds);
        return null;
      }
      if (batch.messages().isEmpty()) {
        return bounds;
      }
      List<Message> matching = matching(pull, batch.messages());
      if (matching.isEmpty()) {
        pull.nextOffset(batch.messages().getLast().queueOffset() + 1);
        return bounds;
      }
      boolean all = matching.size() < maxMessages(pull);
      Message last = all ? batch.messages().getLast() : matching.getLast();
      handedOver = true;
      count(matching);
      pull.found(
          new PullAnswer(PullAnswer.Status.FOUND, matching, last.queueOffset() + 1, bounds, batch));
      return null;
    } finally {
      if (!handedOver) {
        batch.close();
      }
    }
  }

  private List<Message> matching(PendingPull pull, List<Message> messages) {
    if (pull.filter().wantsAll()) {
      return messages;
    }
    int max = maxMessages(pull);
    List<Message> matching = new ArrayList<>();
    for (Message message : messages) {
      if (pull.filter().matches(message)) {
        matching.add(message);
        if (matching.size() == max) {
          break;
        }
      }
    }
    return matching;
  }

  private void waitOrGiveUp(PendingPull pull, QueueBounds bounds) {
    if (pull.deadlineNanos() - background.time().nanos() <= 0) {
      pull.timedOut(bounds);
    } else {
      waiters.park(pull);
    }
  }

  private ReadLimits limitsOf(PendingPull pull) {
    BrokerSettings.Limits limits = settings.limits();
    int wished = pull.request().maxBytes();
    int bytes =
        wished == Integer.MAX_VALUE
            ? limits.pullBytes()
            : Math.clamp(wished, 1, limits.maxPullBytes());
    return pull.filter().wantsAll()
        ? new ReadLimits(maxMessages(pull), bytes)
        : new ReadLimits(FILTERED_READ_MESSAGES, bytes);
  }

  private int maxMessages(PendingPull pull) {
    return Math.clamp(pull.request().maxMessages(), 1, settings.limits().maxPullMessages());
  }

  private void count(List<Message> messages) {
    long bytes = 0;
    for (Message message : messages) {
      bytes += message.size();
    }
    parts.counters().pulledMessages.add(messages.size());
    parts.counters().pulledBytes.add(bytes);
  }
}
