package io.escrowmq.broker;

import io.escrowmq.spi.protocol.QueueHandover;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Registration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a member that gets a queue wait for the last word of the one that had it. In memory; holds
 * no more than the queues that live members pull. Thread-safe; never blocks.
 *
 * <p>A client commits every few seconds anyhow, so a commit alone says nothing. But to share out
 * queues it first asks for the list of members, then drops what it lost and commits that: the
 * commit after the list is the last one. (Seen in the push clients 4.9.8 and 5.5.0.)
 */
final class Handover implements QueueHandover {

  /**
   * A 5.x client that has shared out queues just now waits up to a second before it does so again;
   * all clients give up on a question after five.
   */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private record Owner(String clientId, boolean done) {}

  private record Question(String clientId, QueueId queue, CompletableFuture<Void> answer) {}

  /** Everything about one consumer group that has members. */
  private static final class Group {
    /** True for those that asked for the list of members since it changed. */
    private final Map<String, Boolean> members = new HashMap<>();

    private final Map<QueueId, Owner> owners = new HashMap<>();
    private final List<Question> questions = new ArrayList<>();
    private long changedAtNanos;

    private void changed(long nowNanos) {
      changedAtNanos = nowNanos;
      members.replaceAll((_, _) -> false);
    }

    private boolean mustWait(String clientId, QueueId queue) {
      Owner owner = owners.get(queue);
      return owner != null
          && !owner.done()
          && !owner.clientId().equals(clientId)
          && members.containsKey(owner.clientId());
    }

    /** Takes out the questions that need not wait any more; the queues are theirs. */
    private List<Question> ready() {
      List<Question> ready = new ArrayList<>();
      for (Iterator<Question> all = questions.iterator(); all.hasNext(); ) {
        Question question = all.next();
        if (!mustWait(question.clientId(), question.queue())) {
          all.remove();
          owners.put(question.queue(), new Owner(question.clientId(), false));
          ready.add(question);
        }
      }
      return ready;
    }
  }

  private final Background background;
  private final Map<String, Group> groups = new HashMap<>();
  private boolean closed;

  Handover(Background background) {
    this.background = background;
  }

  /** A client that shares the group's queues with others has come. */
  void joined(String group, String clientId) {
    synchronized (groups) {
      Group known = groups.computeIfAbsent(group, _ -> new Group());
      if (known.members.putIfAbsent(clientId, false) == null) {
        known.changed(background.time().nanos());
      }
    }
  }

  /** A client is in the group no more; what it had, it gave up. */
  void left(String group, String clientId) {
    List<Question> ready = List.of();
    synchronized (groups) {
      Group known = groups.get(group);
      if (known != null && known.members.remove(clientId) != null) {
        known.owners.values().removeIf(owner -> owner.clientId().equals(clientId));
        known.changed(background.time().nanos());
        ready = known.ready();
        if (known.members.isEmpty()) {
          groups.remove(group);
        }
      }
    }
    answer(ready);
  }

  /**
   * A client pulls from the queue: it has it.
   *
   * @return false if it gave the queue up just now, or another member had it: the pull may have
   *     been overtaken by the client's last word, so the offset that comes with it does not count
   */
  boolean pulls(String group, String clientId, QueueId queue) {
    synchronized (groups) {
      Group known = groups.get(group);
      if (known == null || !known.members.containsKey(clientId)) {
        return true;
      }
      Owner owner = known.owners.get(queue);
      if (owner != null && !owner.done() && owner.clientId().equals(clientId)) {
        return true;
      }
      known.owners.put(queue, new Owner(clientId, false));
      return owner == null;
    }
  }

  @Override
  public void shares(String consumerGroup, String clientId) {
    synchronized (groups) {
      Group known = groups.get(consumerGroup);
      if (known != null) {
        known.members.replace(clientId, true);
      }
    }
  }

  @Override
  public void committed(String consumerGroup, String clientId, QueueId queue) {
    List<Question> ready;
    synchronized (groups) {
      Group known = groups.get(consumerGroup);
      if (known == null || !known.members.getOrDefault(clientId, false)) {
        return;
      }
      Owner owner = known.owners.get(queue);
      if (owner == null || !owner.clientId().equals(clientId)) {
        return;
      }
      known.owners.put(queue, new Owner(clientId, true));
      ready = known.ready();
    }
    answer(ready);
  }

  @Override
  public CompletionStage<Void> turn(String consumerGroup, String clientId, QueueId queue) {
    Question question = new Question(clientId, queue, new CompletableFuture<>());
    long leftNanos;
    synchronized (groups) {
      Group known = groups.get(consumerGroup);
      if (closed || known == null || !known.members.containsKey(clientId)) {
        return CompletableFuture.completedStage(null);
      }
      leftNanos = known.changedAtNanos + PATIENCE.toNanos() - background.time().nanos();
      if (leftNanos <= 0 || !known.mustWait(clientId, queue)) {
        known.owners.put(queue, new Owner(clientId, false));
        return CompletableFuture.completedStage(null);
      }
      known.questions.add(question);
    }
    long leftMs = Math.ceilDiv(leftNanos, TimeUnit.MILLISECONDS.toNanos(1));
    Registration alarm =
        background.scheduler().after(leftMs, () -> timeOver(consumerGroup, question));
    return question.answer().whenComplete((_, _) -> alarm.close());
  }

  /** Lets every question through, now and from now on. */
  void close() {
    List<Question> left = new ArrayList<>();
    synchronized (groups) {
      closed = true;
      for (Group group : groups.values()) {
        left.addAll(group.questions);
        group.questions.clear();
      }
    }
    answer(left);
  }

  /** Questions that wait. */
  long waiting() {
    synchronized (groups) {
      return groups.values().stream().mapToLong(group -> group.questions.size()).sum();
    }
  }

  private void timeOver(String group, Question question) {
    synchronized (groups) {
      @Nullable Group known = groups.get(group);
      if (known == null || !known.questions.remove(question)) {
        return;
      }
      known.owners.put(question.queue(), new Owner(question.clientId(), false));
    }
    answer(List.of(question));
  }

  private static void answer(List<Question> questions) {
    questions.forEach(question -> question.answer().complete(null));
  }
}
