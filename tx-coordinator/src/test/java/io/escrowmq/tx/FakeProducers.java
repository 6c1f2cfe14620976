package io.escrowmq.tx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Producers that note what they are asked. Members come and go as told. Thread-safe. */
final class FakeProducers implements CheckChannel {

  /** A question that reached a member. */
  record Delivered(Question question, String clientId) {}

  private final Map<String, Set<String>> members = new LinkedHashMap<>();
  private final List<Delivered> delivered = new ArrayList<>();
  private final Set<String> deaf = new LinkedHashSet<>();
  private final Set<String> busy = new LinkedHashSet<>();
  private final Set<String> broken = new LinkedHashSet<>();
  private int reachableCalls;

  synchronized void join(String group, String clientId) {
    members.computeIfAbsent(group, _ -> new LinkedHashSet<>()).add(clientId);
  }

  synchronized void leave(String group, String clientId) {
    members.getOrDefault(group, Set.of()).remove(clientId);
  }

  synchronized void leaveAll() {
    members.clear();
  }

  /** Connected for all the world, but writes to its connections fail. */
  synchronized void makeDeaf(String group) {
    deaf.add(group);
  }

  /** Connected for all the world, but asking throws. */
  synchronized void breakDown(String group) {
    broken.add(group);
  }

  /** Connected, but every member has had its share of questions for now. */
  synchronized void makeBusy(String group) {
    busy.add(group);
  }

  synchronized void makeHear(String group) {
    broken.remove(group);
    busy.remove(group);
    deaf.remove(group);
  }

  synchronized List<Delivered> delivered() {
    return List.copyOf(delivered);
  }

  synchronized long deliveredFor(Handle handle) {
    return delivered.stream().filter(it -> it.question().handle().equals(handle)).count();
  }

  synchronized int reachableCalls() {
    return reachableCalls;
  }

  @Override
  public synchronized boolean reachable(String producerGroup) {
    reachableCalls++;
    return !members.getOrDefault(producerGroup, Set.of()).isEmpty();
  }

  @Override
  public synchronized CompletionStage<Asked> ask(Question question) {
    Set<String> group = members.getOrDefault(question.producerGroup(), Set.of());
    if (broken.contains(question.producerGroup())) {
      throw new IllegalStateException("the channel is broken, as the test wants it");
    }
    if (busy.contains(question.producerGroup())) {
      return CompletableFuture.completedFuture(new Asked.Busy());
    }
    if (group.isEmpty() || deaf.contains(question.producerGroup())) {
      return CompletableFuture.completedFuture(new Asked.NotWritten());
    }
    String chosen = choose(group, question);
    delivered.add(new Delivered(question, chosen));
    return CompletableFuture.completedFuture(new Asked.Written(chosen));
  }

  private static String choose(Set<String> group, Question question) {
    Optional<String> avoid = question.avoidClientId();
    String preferred = question.preferredClientId();
    if (group.contains(preferred) && !avoid.equals(Optional.of(preferred))) {
      return preferred;
    }
    return group.stream()
        .filter(member -> !avoid.equals(Optional.of(member)))
        .findFirst()
        .orElseGet(() -> group.iterator().next());
  }
}
