package io.escrowmq.broker;

import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.tx.CheckChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Who produces in which group, and the way of check-back questions to them. In memory: a restart
 * learns it again from the next heartbeats. Thread-safe; never blocks.
 */
final class ProducerGroups implements CheckChannel {

  private final Map<String, Set<Membership>> groups = new HashMap<>();
  private final TimeSource time;
  private final Ids ids;
  private final QuestionShares shares;
  private volatile Consumer<String> arrivals = _ -> {};

  /**
   * @param questionsPerConnection most questions per second to one client on one connection
   */
  ProducerGroups(TimeSource time, Ids ids, int questionsPerConnection) {
    this.shares = new QuestionShares(questionsPerConnection);
    this.time = time;
    this.ids = ids;
  }

  /** From now on the listener hears the group of every producer that comes. */
  void onArrival(Consumer<String> listener) {
    arrivals = listener;
  }

  void join(Membership member, String group) {
    boolean added;
    synchronized (groups) {
      added = groups.computeIfAbsent(group, _ -> new LinkedHashSet<>()).add(member);
    }
    if (added) {
      arrivals.accept(group);
    }
  }

  void leave(Membership member, String group) {
    shares.forget(member);
    synchronized (groups) {
      Set<Membership> members = groups.get(group);
      if (members != null && members.remove(member) && members.isEmpty()) {
        groups.remove(group);
      }
    }
  }

  /** Everybody on the connection leaves every group. */
  void leaveAll(ClientConnection connection) {
    shares.forget(connection);
    synchronized (groups) {
      groups
          .values()
          .forEach(members -> members.removeIf(it -> it.connection().equals(connection)));
      groups.values().removeIf(Set::isEmpty);
    }
  }

  /** Everybody, by group in name order. */
  Map<String, List<GroupDirectory.Producer>> all() {
    Map<String, List<GroupDirectory.Producer>> all = new TreeMap<>();
    synchronized (groups) {
      groups.forEach((group, members) ->
          all.put(
              group,
              members.stream()
                  .map(it -> new GroupDirectory.Producer(it.connection(), it.clientId()))
                  .toList()));
    }
    return all;
  }

  /** Number of memberships in all groups. */
  long count() {
    synchronized (groups) {
      return groups.values().stream().mapToLong(Set::size).sum();
    }
  }

  @Override
  public boolean reachable(String producerGroup) {
    synchronized (groups) {
      return groups.getOrDefault(producerGroup, Set.of()).stream()
          .anyMatch(member -> member.connection().isOpen());
    }
  }

  @Override
  public CompletionStage<Asked> ask(Question question) {
    ServerPush.CheckTransaction push =
        new ServerPush.CheckTransaction(
            question.producerGroup(),
            new TransactionHandle(question.handle().b(), question.handle().a()),
            question.message().uniqueKey().orElse(""),
            asHalf(question));
    boolean busy = false;
    for (Membership member : inOrder(question)) {
      if (!member.connection().isOpen()) {
        continue;
      }
      if (!shares.take(member, time.nowMs())) {
        busy = true;
      } else if (member.connection().push(push)) {
        return CompletableFuture.completedFuture(new Asked.Written(member.clientId()));
      }
    }
    return CompletableFuture.completedFuture(busy ? new Asked.Busy() : new Asked.NotWritten());
  }

  /** The sender first, then the others in turn, last the one that did not answer. */
  private List<Membership> inOrder(Question question) {
    List<Membership> members;
    synchronized (groups) {
      members = new ArrayList<>(groups.getOrDefault(question.producerGroup(), Set.of()));
    }
    if (members.isEmpty()) {
      return members;
    }
    Collections.rotate(members, ids.turn(members.size()));
    members.sort(Comparator.comparingInt(member -> rank(member, question)));
    return members;
  }

  private static int rank(Membership member, Question question) {
    if (question.avoidClientId().isPresent()
        && question.avoidClientId().get().equals(member.clientId())) {
      return 2;
    }
    return member.clientId().equals(question.preferredClientId()) ? 0 : 1;
  }

  /**
   * The message as a half message: that is what a producer expects to be asked about (source:
   * Apache RocketMQ 5.x, body of request 39).
   */
  private Message asHalf(Question question) {
    Message held = question.message();
    int flags = held.systemFlag() & ~MessageFormat.FLAG_TRANSACTION_MASK;
    return held.toBuilder()
        .systemFlag(flags | MessageFormat.FLAG_TRANSACTION_PREPARED)
        .propertiesText(
            MessageProperties.set(
                held.propertiesText(),
                MessageProperties.TRANSACTION_CHECK_TIMES,
                Integer.toString(question.attempt())))
        .build()
        .stamped(question.handle().b(), question.handle().a(), time.nowMs());
  }
}
