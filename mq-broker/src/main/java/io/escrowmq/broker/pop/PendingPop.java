package io.escrowmq.broker.pop;

import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopAnswer.Status;
import io.escrowmq.spi.protocol.PopLease;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request that is being answered: queues are asked now, or it waits. Whoever wins {@link #claim}
 * works on it; what it found so far belongs to that one.
 */
final class PendingPop {

  private final PopRequest request;
  private final MessageFilter filter;
  private final Kind kind;
  private final long deadlineNanos;
  private final CompletableFuture<PopAnswer> answer = new CompletableFuture<>();
  private final AtomicBoolean parked = new AtomicBoolean();
  private volatile Registration alarm = () -> {};
  private volatile boolean alarmSet;
  private volatile long parkedAt;
  private volatile Progress progress = new Progress(new PopLease(0, 0, 0));

  /** What is wanted. */
  enum Kind {
    /** Messages, handed over. */
    POP,
    /** Messages, only shown. */
    PEEK,
    /** Whether there are messages. */
    NOTICE
  }

  /** What was found since the queues are asked. */
  static final class Progress {
    final PopLease lease;
    final List<Message> messages = new ArrayList<>();
    final List<MessageBatch> sources = new ArrayList<>();
    long rest;
    boolean unfinished;

    Progress(PopLease lease) {
      this.lease = lease;
    }

    void add(Taken taken) {
      messages.addAll(taken.messages());
      sources.addAll(taken.sources());
      rest += taken.rest();
      unfinished |= taken.unfinished();
    }
  }

  PendingPop(PopRequest request, MessageFilter filter, Kind kind, long deadlineNanos) {
    this.request = request;
    this.filter = filter;
    this.kind = kind;
    this.deadlineNanos = deadlineNanos;
  }

  PopRequest request() {
    return request;
  }

  MessageFilter filter() {
    return filter;
  }

  Kind kind() {
    return kind;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  CompletionStage<PopAnswer> answer() {
    return answer;
  }

  /** Begins to ask queues. */
  Progress begin(PopLease lease) {
    Progress begun = new Progress(lease);
    progress = begun;
    return begun;
  }

  /** Lets others claim it. */
  void park(long events) {
    parkedAt = events;
    parked.set(true);
  }

  /** True for the one caller that may work on it now. */
  boolean claim() {
    return parked.compareAndSet(true, false);
  }

  /** How many events there had been when it began to wait. */
  long parkedAt() {
    return parkedAt;
  }

  boolean hasAlarm() {
    return alarmSet;
  }

  void alarm(Registration registration) {
    alarm = registration;
    alarmSet = true;
  }

  /** Ends it with what was found. */
  void end(Status status) {
    alarm.close();
    Progress found = progress;
    PopAnswer made = new PopAnswer(status, found.messages, found.lease, found.rest, found.sources);
    if (!answer.complete(made)) {
      made.close();
    }
  }

  /** Ends it with a refusal. */
  void failed(Throwable refusal) {
    alarm.close();
    progress.sources.forEach(MessageBatch::close);
    answer.completeExceptionally(refusal);
  }
}
