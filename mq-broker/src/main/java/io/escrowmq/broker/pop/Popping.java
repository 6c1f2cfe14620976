package io.escrowmq.broker.pop;

import io.escrowmq.broker.filter.MessageFilter;
import io.escrowmq.broker.pop.PendingPop.Kind;
import io.escrowmq.broker.pop.PendingPop.Progress;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopAnswer.Status;
import io.escrowmq.spi.protocol.PopLease;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.QueueStride;
import io.escrowmq.spi.protocol.RequestModes;
import io.escrowmq.spi.storage.AppendListener;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The door of POP: checks requests, asks queues one after the other, lets requests wait. */
public final class Popping implements PopServices {

  /** Clients of Apache RocketMQ read this number as a mark of their own. */
  private static final int RESERVED_GENERATION = 999;

  private final PopEnvironment environment;
  private final PopLimits limits;
  private final RequestModes modes;
  private final PopCounters counters = new PopCounters();
  private final PopQueues queues;
  private final PopWaiters waiters;
  private final AtomicInteger generations;
  private final AtomicInteger turns = new AtomicInteger();

  /**
   * POP over a store.
   *
   * @param firstGeneration another one in every run
   */
  public Popping(
      PopEnvironment environment, PopLimits limits, RequestModes modes, int firstGeneration) {
    this.environment = environment;
    this.limits = limits;
    this.modes = modes;
    this.generations = new AtomicInteger(firstGeneration);
    this.waiters = new PopWaiters(environment, limits.maxWaiting(), this::resume);
    this.queues =
        new PopQueues(
            new PopQueue.Parts(environment, limits, counters, waiters::wake, waiters::closed));
  }

  /** What must hear of appended messages. */
  public AppendListener arrivals() {
    return waiters;
  }

  /** Looks for arrivals every now and then, for engines that do not announce them; never ends. */
  public void pollForArrivals() {
    new ArrivalPoll(environment, waiters).run();
  }

  /**
   * Somebody else says that the group is at this offset now. What it had handed out in the queue is
   * forgotten: whoever commits an offset says that everything below is done and everything else is
   * not. Does not block.
   */
  public void moved(String group, QueueId queue, long offset) {
    queues.moved(group, queue, offset);
  }

  /** The group's offsets are gone. Blocks. */
  public void forgotten(String group) {
    queues.forgotten(group);
  }

  /** Gauges and counters by name. */
  public void addStatistics(Map<String, Long> statistics) {
    counters.addTo(statistics);
    statistics.put("waiting-pops", (long) waiters.count());
  }

  /** Answers everybody who waits and lets nobody wait from now on. */
  public void close() {
    waiters.close();
  }

  @Override
  public CompletionStage<PopAnswer> pop(PopRequest request) {
    return guarded(() -> {
      environment.host().admit(request.consumerGroup());
      return start(request, Kind.POP);
    });
  }

  @Override
  public CompletionStage<PopAnswer> peek(PopRequest request) {
    return guarded(() -> start(request, Kind.PEEK));
  }

  @Override
  public CompletionStage<Boolean> hasMessages(PopRequest request) {
    return guarded(() ->
        start(request, Kind.NOTICE)
            .thenApply(answer -> {
              answer.close();
              return answer.status() == Status.FOUND;
            }));
  }

  @Override
  public int waiting(String consumerGroup, String topic, int queue) {
    return waiters.count(consumerGroup, topic, queue);
  }

  @Override
  public RequestModes modes() {
    return modes;
  }

  @Override
  public CompletionStage<List<Delivery.Outcome>> ack(
      String consumerGroup, List<Delivery> deliveries) {
    return guarded(() -> {
      Map<QueueId, List<Delivery>> byQueue = new LinkedHashMap<>();
      for (Delivery delivery : deliveries) {
        if (mayHave(consumerGroup, delivery)) {
          byQueue.computeIfAbsent(delivery.queue(), _ -> new ArrayList<>()).add(delivery);
        }
      }
      Map<Delivery, Delivery.Outcome> outcomes = new ConcurrentHashMap<>();
      CompletableFuture<?>[] done =
          byQueue.entrySet().stream()
              .map(some ->
                  ackInQueue(consumerGroup, some.getKey(), some.getValue(), outcomes)
                      .toCompletableFuture())
              .toArray(CompletableFuture[]::new);
      return CompletableFuture.allOf(done)
          .thenApply(_ ->
              deliveries.stream()
                  .map(it -> outcomes.getOrDefault(it, Delivery.Outcome.UNKNOWN))
                  .toList());
    });
  }

  private CompletionStage<Void> ackInQueue(
      String group,
      QueueId queue,
      List<Delivery> deliveries,
      Map<Delivery, Delivery.Outcome> outcomes) {
    return queues
        .of(group, queue)
        .ack(deliveries)
        .thenAccept(results -> {
          for (int i = 0; i < deliveries.size(); i++) {
            outcomes.put(deliveries.get(i), results.get(i));
          }
        });
  }

  @Override
  public CompletionStage<Changed> changeInvisible(
      String consumerGroup, Delivery delivery, long invisibleMs) {
    return guarded(() -> {
      if (invisibleMs < 0) {
        throw invalid("a message cannot be invisible for " + invisibleMs + " ms", "Use 0 or more.");
      }
      if (!mayHave(consumerGroup, delivery)) {
        return CompletableFuture.completedFuture(
            new Changed(
                Delivery.Outcome.UNKNOWN,
                new PopLease(delivery.popTimeMs(), 0, delivery.generation())));
      }
      return queues
          .of(consumerGroup, delivery.queue())
          .move(delivery, newLease(Math.min(invisibleMs, limits.maxInvisibleMs())));
    });
  }

  private boolean mayHave(String group, Delivery delivery) {
    QueueId queue = delivery.queue();
    return queue.queue() < environment.host().queuesToAnswerFor(group, queue.topic());
  }

  private CompletionStage<PopAnswer> start(PopRequest request, Kind kind) {
    int known = environment.host().readQueues(request.consumerGroup(), request.topic());
    check(request, known);
    MessageFilter filter = environment.host().filter(request.topic(), request.subscription());
    long waitMs = kind == Kind.PEEK ? 0 : Math.clamp(request.waitMs(), 0, limits.maxWaitMs());
    long deadline = environment.time().nanos() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    PendingPop pop = new PendingPop(request, filter, kind, deadline);
    ask(pop);
    return pop.answer();
  }

  private void check(PopRequest request, int known) {
    if (request.queue() != PopRequest.ANY_QUEUE
        && (request.queue() < 0 || request.queue() >= known)) {
      throw noSuchQueue(new QueueId(request.topic(), Math.max(0, request.queue())), known);
    }
    if (request.maxMessages() < 1 || request.invisibleMs() < 1) {
      throw invalid(
          "a pop of "
              + request.maxMessages()
              + " messages for "
              + request.invisibleMs()
              + " ms makes no sense",
          "Ask for one message and one millisecond at least.");
    }
    if (request.attemptId().length() > PopRequest.MAX_ATTEMPT_ID_LENGTH) {
      throw invalid(
          "the attempt id has " + request.attemptId().length() + " characters",
          "Use at most " + PopRequest.MAX_ATTEMPT_ID_LENGTH + ".");
    }
  }

  /** Somebody woke it, or its time is over. */
  private void resume(PendingPop pop, int queue) {
    try {
      if (!pop.request().connection().isOpen() || waiters.closed()) {
        pop.end(Status.NOTHING_NEW);
        passOn(pop, queue);
      } else if (queue == PopRequest.ANY_QUEUE) {
        ask(pop);
      } else {
        // Only this queue has news, unless more happened since the request began to wait.
        new Tour(pop, pop.parkedAt() + 1, 1, _ -> queue).next();
      }
    } catch (RuntimeException e) {
      pop.failed(environment.host().refusal(e));
    }
  }

  private void passOn(PendingPop pop, int queue) {
    if (queue != PopRequest.ANY_QUEUE) {
      waiters.wake(pop.request().consumerGroup(), new QueueId(pop.request().topic(), queue));
    }
  }

  private void ask(PendingPop pop) {
    PopRequest request = pop.request();
    long seen = waiters.events(request.topic());
    int known = environment.host().readQueues(request.consumerGroup(), request.topic());
    if (request.queue() == PopRequest.ANY_QUEUE) {
      QueueStride stride = request.stride();
      int stops = stride.of(known);
      int first = stops == 0 ? 0 : Math.floorMod(turns.getAndIncrement(), stops);
      new Tour(pop, seen, stops, stop -> stride.queue((first + stop) % stops)).next();
    } else {
      new Tour(pop, seen, 1, _ -> request.queue()).next();
    }
  }

  /** Asks queues one after the other until there are enough messages. */
  private final class Tour {
    private final PendingPop pop;
    private final long seenEvents;
    private final int stops;
    private final IntUnaryOperator route;
    private final Progress progress;
    private int stop;
    private int lastQueue;

    Tour(PendingPop pop, long seenEvents, int stops, IntUnaryOperator route) {
      this.pop = pop;
      this.seenEvents = seenEvents;
      this.stops = stops;
      this.route = route;
      this.progress =
          pop.begin(newLease(Math.min(pop.request().invisibleMs(), limits.maxInvisibleMs())));
    }

    void next() {
      int room = most() - progress.messages.size();
      boolean enough = pop.kind() == Kind.NOTICE && progress.rest > 0;
      if (stop == stops || room <= 0 || enough) {
        finish(pop, this);
        return;
      }
      lastQueue = route.applyAsInt(stop);
      stop++;
      PopRequest request = pop.request();
      PopQueue queue = queues.of(request.consumerGroup(), new QueueId(request.topic(), lastQueue));
      Order order =
          new Order(
              room,
              new LeaseId(progress.lease.popTimeMs(), progress.lease.generation()),
              progress.lease.popTimeMs() + progress.lease.invisibleMs(),
              pop.filter(),
              request.fromEnd(),
              request.ordered(),
              request.attemptId());
      CompletionStage<Taken> taken =
          switch (pop.kind()) {
            case POP -> queue.pop(order);
            case PEEK -> queue.peek(order);
            case NOTICE -> queue.look(order);
          };
      taken.whenComplete(this::took);
    }

    private int most() {
      return Math.min(pop.request().maxMessages(), limits.maxMessages());
    }

    private void took(Taken taken, @Nullable Throwable failure) {
      try {
        if (failure == null) {
          progress.add(taken);
          next();
        } else if (progress.messages.isEmpty()) {
          pop.failed(environment.host().refusal(failure));
        } else {
          // What another queue gave is leased to this request already.
          finish(pop, this);
        }
      } catch (RuntimeException e) {
        pop.failed(environment.host().refusal(e));
      }
    }
  }

  private void finish(PendingPop pop, Tour tour) {
    Progress progress = tour.progress;
    boolean found = pop.kind() == Kind.NOTICE ? progress.rest > 0 : !progress.messages.isEmpty();
    if (found) {
      pop.end(Status.FOUND);
      if (progress.rest > 0) {
        passOn(pop, tour.lastQueue);
      }
      return;
    }
    if (pop.deadlineNanos() - environment.time().nanos() <= 0) {
      pop.end(Status.NOTHING_NEW);
    } else if (progress.unfinished) {
      environment.workers().execute(() -> resume(pop, PopRequest.ANY_QUEUE));
    } else {
      switch (waiters.park(pop, tour.seenEvents)) {
        case WAITS -> {}
        case NEWS -> environment.workers().execute(() -> resume(pop, PopRequest.ANY_QUEUE));
        case FULL -> pop.end(Status.TOO_MANY_WAITING);
      }
    }
  }

  private PopLease newLease(long invisibleMs) {
    int generation = generations.getAndIncrement() & Integer.MAX_VALUE;
    if (generation == RESERVED_GENERATION) {
      generation = generations.getAndIncrement() & Integer.MAX_VALUE;
    }
    return new PopLease(environment.time().nowMs(), invisibleMs, generation);
  }

  private <T> CompletionStage<T> guarded(Supplier<CompletionStage<T>> call) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      call.get()
          .whenComplete((value, failure) -> {
            if (failure == null) {
              answer.complete(value);
            } else {
              answer.completeExceptionally(environment.host().refusal(failure));
            }
          });
    } catch (RuntimeException e) {
      answer.completeExceptionally(environment.host().refusal(e));
    }
    return answer;
  }

  private static BrokerException noSuchQueue(QueueId queue, int known) {
    return invalid(
        "topic "
            + queue.topic()
            + " has no read queue "
            + queue.queue()
            + ", only 0 to "
            + (known - 1),
        "Fetch the route of the topic again.");
  }

  private static BrokerException invalid(String message, String remedy) {
    return new BrokerException(ErrorCode.INVALID_PARAMETER, message, remedy);
  }
}
