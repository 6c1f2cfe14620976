package io.escrowmq.broker;

import io.escrowmq.broker.filter.Filters;
import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.broker.pop.Popping;
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

  /** After this time a pull is answered with what was found: a costly filter shares the server. */
  private static final long MAX_LOOKING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

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
      ReadChecks checks,
      Filters filters,
      Groups.Registry registry,
      OffsetTable offsets,
      QueueLocks locks,
      Popping popping,
      Counters counters) {}

  /** Answers whoever waits and lets nobody wait from now on. */
  void close() {
    waiters.close();
    handover().close();
    parts.popping().close();
  }

  /** The pulls that wait. */
  PullWaiters waiters() {
    return waiters;
  }

  @Override
  public CompletionStage<PullAnswer> pull(PullRequest request) {
    return Failures.translateStage(() -> {
      parts.gate().checkOpen();
      // First the group: its retry topic, which may be the one that is pulled, comes with it.
      parts.checks().ensure(request.consumerGroup());
      checkQueue(request);
      checkGroup(request);
      MessageFilter filter = filterFor(request);
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

  @Override
  public Popping popping() {
    return parts.popping();
  }

  @Override
  public Handover handover() {
    return parts.registry().consumers().handover();
  }

  private void checkQueue(PullRequest request) {
    TopicConfig topic = parts.checks().readable(request.queue().topic());
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

  private void checkGroup(PullRequest request) {
    String group = request.consumerGroup();
    parts.checks().mayConsume(group, request.queue().topic());
    GroupConfig config = parts.registry().table().stored(group);
    if (config == null) {
      return;
    }
    if (!config.broadcasts()
        && parts.registry().consumers().broadcasts(request.connection(), group)) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "group " + group + " may not consume by broadcasting",
          "Consume by clustering, or let it broadcast (mqadmin updateSubGroup -d true).");
    }
    parts.checks().throttle().admit(config);
  }

  private MessageFilter filterFor(PullRequest request) {
    if (request.subscription().isPresent()) {
      return parts.filters().of(request.subscription().get());
    }
    String topic = request.queue().topic();
    Optional<Subscription> known = known(request);
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
    return parts.filters().of(known.get());
  }

  private void commitOnTheWay(PullRequest request) {
    boolean counts = handover().pulls(request.consumerGroup(), request.clientId(), request.queue());
    long offset = request.commitOffset().orElse(-1);
    if (counts && offset >= 0) {
      parts.offsets().commitSoon(request.consumerGroup(), request.queue(), offset);
    }
  }

  private void resume(PendingPull pull) {
    if (!pull.request().connection().isOpen()) {
      pull.nothing(PullAnswer.Status.NOTHING_NEW, pull.nextOffset(), QueueBounds.EMPTY);
      return;
    }
    try {
      renewFilter(pull);
    } catch (RuntimeException e) {
      pull.failed(e);
      return;
    }
    serve(pull);
  }

  /**
   * A client may have changed its subscription while its pull waited. With the old filter it would
   * skip what arrived since and is wanted now.
   */
  private void renewFilter(PendingPull pull) {
    PullRequest request = pull.request();
    if (request.subscription().isEmpty()) {
      known(request).ifPresent(newest -> pull.filter(parts.filters().of(newest)));
    }
  }

  private Optional<Subscription> known(PullRequest request) {
    return parts
        .registry()
        .consumers()
        .subscription(request.connection(), request.consumerGroup(), request.queue().topic());
  }

  /** Reads until something passes the filter; else lets the pull wait. May block. */
  private void serve(PendingPull pull) {
    try {
      QueueBounds bounds = QueueBounds.EMPTY;
      long stopNanos = background.time().nanos() + MAX_LOOKING_NANOS;
      for (int reads = 0; reads < MAX_READS && (reads == 0 || isBefore(stopNanos)); reads++) {
        QueueBounds seen = readOnce(pull, stopNanos);
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
  private @Nullable QueueBounds readOnce(PendingPull pull, long stopNanos) {
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
      Looked looked = look(pull, batch.messages(), stopNanos);
      if (looked.matching().isEmpty()) {
        pull.nextOffset(looked.nextOffset());
        return bounds;
      }
      handedOver = true;
      count(pull.request(), looked.matching());
      pull.found(
          new PullAnswer(
              PullAnswer.Status.FOUND, looked.matching(), looked.nextOffset(), bounds, batch));
      return null;
    } finally {
      if (!handedOver) {
        batch.close();
      }
    }
  }

  /** The messages that passed the filter, and where to go on. */
  private record Looked(List<Message> matching, long nextOffset) {}

  private Looked look(PendingPull pull, List<Message> messages, long stopNanos) {
    long end = messages.getLast().queueOffset() + 1;
    if (pull.filter().wantsAll()) {
      return new Looked(messages, end);
    }
    int max = maxMessages(pull);
    List<Message> matching = new ArrayList<>();
    for (Message message : messages) {
      if (pull.filter().matches(message)) {
        matching.add(message);
      }
      if (matching.size() == max || !isBefore(stopNanos)) {
        return new Looked(matching, message.queueOffset() + 1);
      }
    }
    return new Looked(matching, end);
  }

  private boolean isBefore(long nanos) {
    return background.time().nanos() - nanos < 0;
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

  private void count(PullRequest request, List<Message> messages) {
    long bytes = 0;
    for (Message message : messages) {
      bytes += message.size();
    }
    String group = request.consumerGroup();
    parts.counters().pulled(request.queue().topic(), group, messages.size(), bytes);
    parts.checks().throttle().took(group, messages.size());
  }
}
