package io.escrowmq.broker;

import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.Registration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pull that is being answered: read now, or waiting. Whoever wins {@link #claim} works on it; all
 * other fields belong to that one.
 */
final class PendingPull {

  private final PullRequest request;
  private volatile MessageFilter filter;
  private final long deadlineNanos;
  private final CompletableFuture<PullAnswer> answer = new CompletableFuture<>();
  private final AtomicBoolean parked = new AtomicBoolean();
  private volatile Registration alarm = () -> {};
  private volatile boolean alarmSet;
  private volatile long nextOffset;

  PendingPull(PullRequest request, MessageFilter filter, long deadlineNanos) {
    this.request = request;
    this.filter = filter;
    this.deadlineNanos = deadlineNanos;
    this.nextOffset = request.offset();
  }

  PullRequest request() {
    return request;
  }

  MessageFilter filter() {
    return filter;
  }

  /** The client changed its mind while the pull waited. */
  void filter(MessageFilter newer) {
    filter = newer;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  CompletionStage<PullAnswer> answer() {
    return answer;
  }

  /** Where to go on reading. */
  long nextOffset() {
    return nextOffset;
  }

  void nextOffset(long offset) {
    nextOffset = offset;
  }

  /** Lets others claim it. */
  void park() {
    parked.set(true);
  }

  /** True for the one caller that may work on it now. */
  boolean claim() {
    return parked.compareAndSet(true, false);
  }

  boolean hasAlarm() {
    return alarmSet;
  }

  void alarm(Registration registration) {
    alarm = registration;
    alarmSet = true;
  }

  /** Ends it with messages. */
  void found(PullAnswer found) {
    alarm.close();
    if (!answer.complete(found)) {
      found.close();
    }
  }

  /** Ends it without messages. */
  void nothing(PullAnswer.Status status, long next, QueueBounds bounds) {
    found(new PullAnswer(status, List.of(), next, bounds, MessageBatch.owned(List.of(), bounds)));
  }

  /** Ends it without messages because its time is over. */
  void timedOut(QueueBounds bounds) {
    boolean moved = nextOffset != request.offset();
    nothing(
        moved ? PullAnswer.Status.NONE_MATCHED : PullAnswer.Status.NOTHING_NEW, nextOffset, bounds);
  }

  void failed(Throwable failure) {
    alarm.close();
    answer.completeExceptionally(Failures.of(failure));
  }
}
