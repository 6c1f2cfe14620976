package io.escrowmq.migration;

import io.escrowmq.broker.FirstState;
import io.escrowmq.migration.MigrationException.Reason;
import io.escrowmq.node.OfflineStore;
import io.escrowmq.node.StorageCopy;
import io.escrowmq.node.StorageCopy.Side;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.copy.CopyStep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Copies a running cluster into the store of a server to be. May be run again and again: it goes on
 * where the last run stopped, and takes what is new. One use; blocks.
 */
final class Migration {

  private static final int QUESTIONS_AT_ONCE = 32;
  private static final int ROWS_PER_BATCH = 1000;

  /** Groups came from elsewhere; when they were created there nobody knows. */
  private static final long CREATED_UNKNOWN_MS = 0;

  private final SourceCluster source;
  private final Side to;
  private final Planner.Choice choice;
  private final StorageContext context;

  Migration(SourceCluster source, Side to, Planner.Choice choice, StorageContext context) {
    this.source = source;
    this.to = to;
    this.choice = choice;
    this.context = context;
  }

  /** Hears the plan before anything is copied. */
  interface Listener extends StorageCopy.Progress {

    /** What will be done. */
    void planned(MigrationPlan plan);
  }

  /**
   * What a run did.
   *
   * @param copied messages of this run
   * @param restamped messages of all runs whose store time was raised
   * @param queues as they are now, of all runs
   * @param differences what the target does not have as it was read; empty if all is well
   * @param newMessages what the source got in these queues since this run began
   * @param movedOffsets offsets that groups have committed since
   */
  record Result(
      MigrationPlan plan,
      long copied,
      long restamped,
      Map<QueueId, QueueProgress> queues,
      Map<String, String> differences,
      long newMessages,
      long movedOffsets) {}

  /** Says what a run would do. Writes nothing; creates no store. */
  MigrationPlan plan() {
    SourceSnapshot snapshot = source.snapshot();
    if (!OfflineStore.exists(to)) {
      return plan(snapshot, List.of());
    }
    try (TargetStore target = TargetStore.open(to, context)) {
      target.check(nameOf(snapshot));
      return plan(snapshot, target.progress().values());
    }
  }

  /** Copies, and compares. */
  Result run(Listener listener) {
    listener.begins("reading the cluster at " + source.name());
    SourceSnapshot snapshot = source.snapshot();
    String name = nameOf(snapshot);
    MigrationPlan plan;
    List<Mutation.Put> rows;
    long copied;
    try (TargetStore target = TargetStore.open(to, context)) {
      target.check(name);
      plan = plan(snapshot, target.progress().values());
      listener.planned(plan);
      refuse(plan.obstacles());
      target.reserve(name, source.name());
      listener.begins("copying into " + to.name());
      copied = new MessageTransfer(source, target, listener).run(plan.queues());
      rows = rows(plan);
      write(target, rows, listener);
      target.checkpoint();
    }
    // Opened again, so that what is compared is what a server would find.
    try (TargetStore target = TargetStore.open(to, context)) {
      listener.begins("comparing " + to.name() + " with what was read");
      Map<QueueId, QueueProgress> queues = target.progress();
      Map<String, String> differences =
          new Verification(target, listener).run(queues.values(), rows);
      if (differences.isEmpty()) {
        target.release();
      }
      SourceSnapshot now = source.snapshot();
      long restamped = target.state().map(TargetState::restamped).orElse(0L);
      return new Result(
          plan,
          copied,
          restamped,
          queues,
          differences,
          newMessages(plan),
          movedOffsets(snapshot, now));
    }
  }

  private static String nameOf(SourceSnapshot snapshot) {
    return String.join(", ", snapshot.clusters());
  }

  private static void refuse(List<String> obstacles) {
    if (!obstacles.isEmpty()) {
      throw new MigrationException(
          Reason.NOT_POSSIBLE,
          "nothing was copied: " + obstacles.size() + " obstacles, listed above",
          "Remove them, or leave those topics out.");
    }
  }

  private MigrationPlan plan(SourceSnapshot snapshot, Collection<QueueProgress> earlier) {
    Planner planner = new Planner(snapshot, choice, earlier);
    List<Planner.Candidate> candidates = planner.candidates();
    Map<SourceQueue, QueueBounds> bounds =
        askAll(
            candidates.stream().flatMap(it -> it.places().stream()).toList(),
            Planner.Candidate.Place::source,
            place ->
                new QueueBounds(
                    source.minOffset(place.broker(), place.source()),
                    source.maxOffset(place.broker(), place.source())));
    return planner.plan(
        candidates, queue -> Objects.requireNonNull(bounds.get(queue), queue::toString));
  }

  private static <T, K, V> Map<K, V> askAll(
      List<T> about, Function<T, K> key, Function<T, V> question) {
    Map<K, V> answers = new ConcurrentHashMap<>();
    Semaphore atOnce = new Semaphore(QUESTIONS_AT_ONCE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> asked = new ArrayList<>();
      for (T one : about) {
        asked.add(
            CompletableFuture.runAsync(
                () -> {
                  atOnce.acquireUninterruptibly();
                  try {
                    answers.put(key.apply(one), question.apply(one));
                  } finally {
                    atOnce.release();
                  }
                },
                threads));
      }
      CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new)).join();
      return answers;
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** What a server will find besides messages. */
  private static List<Mutation.Put> rows(MigrationPlan plan) {
    List<Mutation.Put> rows = new ArrayList<>();
    Set<String> topics = new HashSet<>();
    for (MigrationPlan.Topic topic : plan.topics()) {
      topics.add(topic.config().name());
      rows.add(FirstState.topic(topic.config()));
    }
    for (GroupConfig group : plan.groups()) {
      rows.add(FirstState.group(group, CREATED_UNKNOWN_MS));
      String retry = SourceNames.RETRY + group.name();
      if (topics.add(retry)) {
        rows.add(FirstState.topic(TopicConfig.of(retry, group.retryQueues())));
      }
    }
    for (MigrationPlan.Offset offset : plan.offsets()) {
      rows.add(FirstState.offset(offset.group(), offset.queue(), offset.offset()));
    }
    return rows;
  }

  private static void write(TargetStore target, List<Mutation.Put> rows, Listener listener) {
    for (int from = 0; from < rows.size(); from += ROWS_PER_BATCH) {
      int end = Math.min(rows.size(), from + ROWS_PER_BATCH);
      target.write(rows.subList(from, end));
      listener.progress(CopyStep.ROWS, end, rows.size());
    }
  }

  private long newMessages(MigrationPlan plan) {
    Map<QueueId, Long> lacking =
        askAll(
            plan.queues(),
            MigrationPlan.Queue::target,
            queue -> source.maxOffset(queue.broker(), queue.source()) - queue.end());
    return lacking.values().stream().mapToLong(Long::longValue).sum();
  }

  private static long movedOffsets(SourceSnapshot before, SourceSnapshot now) {
    Map<String, Map<SourceSnapshot.Position, Long>> known = new HashMap<>();
    before.brokers().forEach(it -> known.put(it.broker().name(), it.offsets()));
    return now.brokers().stream()
        .mapToLong(broker ->
            broker.offsets().entrySet().stream()
                .filter(it -> !SourceNames.isSystemGroup(it.getKey().group()))
                .filter(it ->
                    !it.getValue()
                        .equals(
                            known.getOrDefault(broker.broker().name(), Map.of()).get(it.getKey())))
                .count())
        .sum();
  }
}
