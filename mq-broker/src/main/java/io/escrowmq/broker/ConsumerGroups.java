package io.escrowmq.broker;

import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.Subscription;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who consumes in which group, and what they want. In memory: a restart learns it again from the
 * next heartbeats. Thread-safe; never blocks.
 */
final class ConsumerGroups {

  /** A member's word about one group. */
  private record Member(Heartbeat.Consumer consumer, Map<String, Subscription> byTopic) {
    static Member of(Heartbeat.Consumer consumer) {
      Map<String, Subscription> byTopic = new HashMap<>();
      for (Subscription subscription : consumer.subscriptions()) {
        byTopic.merge(
            subscription.topic(), subscription, (a, b) -> a.version() >= b.version() ? a : b);
      }
      return new Member(consumer, byTopic);
    }

    boolean wantsTheSameAs(Member other) {
      return byTopic.size() == other.byTopic.size()
          && byTopic.values().stream()
              .allMatch(mine -> {
                Subscription theirs = other.byTopic.get(mine.topic());
                return theirs != null
                    && theirs.expression().equals(mine.expression())
                    && theirs.expressionType().equals(mine.expressionType());
              });
    }
  }

  private final Map<String, Map<Membership, Member>> groups = new HashMap<>();
  private final Predicate<String> notifies;
  private final Handover handover;

  /** With a rule whose members are told of changes, and with what moves queues between them. */
  ConsumerGroups(Predicate<String> notifies, Handover handover) {
    this.notifies = notifies;
    this.handover = handover;
  }

  /** What moves queues between members. */
  Handover handover() {
    return handover;
  }

  /** What the heartbeat wants that this member did not want before. */
  List<Subscription> added(Membership member, Heartbeat.Consumer consumer) {
    Member before;
    synchronized (groups) {
      before = groups.getOrDefault(consumer.group(), Map.of()).get(member);
    }
    return consumer.subscriptions().stream().filter(it -> isNew(it, before)).toList();
  }

  /**
   * Registers or renews a member and tells the group if something changed.
   *
   * @return true if a known member wants something else now
   */
  boolean join(Membership member, Heartbeat.Consumer consumer) {
    Member now = Member.of(consumer);
    Member before;
    List<Membership> toTell;
    synchronized (groups) {
      Map<Membership, Member> members =
          groups.computeIfAbsent(consumer.group(), _ -> new LinkedHashMap<>());
      before = members.put(member, now);
      toTell =
          before == null || !before.wantsTheSameAs(now) ? List.copyOf(members.keySet()) : List.of();
    }
    if (before == null && consumer.model() == Heartbeat.MessageModel.CLUSTERING) {
      handover.joined(consumer.group(), member.clientId());
    }
    tell(consumer.group(), toTell);
    return before != null && !toTell.isEmpty();
  }

  /** The member leaves this group. */
  void leave(Membership member, String group) {
    List<Membership> toTell = List.of();
    boolean gone = false;
    synchronized (groups) {
      Map<Membership, Member> members = groups.get(group);
      if (members != null && members.remove(member) != null) {
        toTell = List.copyOf(members.keySet());
        gone = toTell.stream().noneMatch(it -> it.clientId().equals(member.clientId()));
        if (members.isEmpty()) {
          groups.remove(group);
        }
      }
    }
    if (gone) {
      handover.left(group, member.clientId());
    }
    tell(group, toTell);
  }

  /** Everybody on the connection leaves every group. */
  void leaveAll(ClientConnection connection) {
    List<Map.Entry<String, Membership>> left = new ArrayList<>();
    synchronized (groups) {
      groups.forEach((group, members) ->
          members.keySet().stream()
              .filter(member -> member.connection().equals(connection))
              .forEach(member -> left.add(Map.entry(group, member))));
    }
    left.forEach(one -> leave(one.getValue(), one.getKey()));
  }

  /** Client ids of the group, sorted, each once. */
  List<String> members(String group) {
    TreeSet<String> ids = new TreeSet<>();
    synchronized (groups) {
      groups.getOrDefault(group, Map.of()).keySet().forEach(it -> ids.add(it.clientId()));
    }
    return List.copyOf(ids);
  }

  /** True if somebody consumes in the group now. */
  boolean online(String group) {
    synchronized (groups) {
      return groups.containsKey(group);
    }
  }

  /**
   * What the group wants of the topic: by the word of the member on this connection, or if there is
   * none by the newest word of the others.
   */
  Optional<Subscription> subscription(ClientConnection connection, String group, String topic) {
    synchronized (groups) {
      Map<Membership, Member> members = groups.getOrDefault(group, Map.of());
      Optional<Subscription> own = Optional.empty();
      Optional<Subscription> others = Optional.empty();
      for (Map.Entry<Membership, Member> member : members.entrySet()) {
        Subscription found = member.getValue().byTopic.get(topic);
        if (member.getKey().connection().equals(connection)) {
          own = newer(own, found);
        } else {
          others = newer(others, found);
        }
      }
      return own.isPresent() ? own : others;
    }
  }

  /** True if the member on this connection wants every message of the group for itself. */
  boolean broadcasts(ClientConnection connection, String group) {
    synchronized (groups) {
      return groups.getOrDefault(group, Map.of()).entrySet().stream()
          .anyMatch(member ->
              member.getKey().connection().equals(connection)
                  && member.getValue().consumer().model() == Heartbeat.MessageModel.BROADCASTING);
    }
  }

  /** The group's members with what they said. */
  List<GroupDirectory.Consumer> all(String group) {
    synchronized (groups) {
      return groups.getOrDefault(group, Map.of()).entrySet().stream()
          .map(member ->
              new GroupDirectory.Consumer(
                  member.getKey().connection(),
                  member.getKey().clientId(),
                  member.getValue().consumer()))
          .toList();
    }
  }

  /** Number of memberships in all groups. */
  long count() {
    synchronized (groups) {
      return groups.values().stream().mapToLong(Map::size).sum();
    }
  }

  private static boolean isNew(Subscription subscription, @Nullable Member before) {
    return before == null || !before.byTopic.containsKey(subscription.topic());
  }

  private static Optional<Subscription> newer(
      Optional<Subscription> known, @Nullable Subscription found) {
    if (found == null) {
      return known;
    }
    return known.isPresent() && known.get().version() >= found.version()
        ? known
        : Optional.of(found);
  }

  private void tell(String group, Collection<Membership> members) {
    if (!notifies.test(group)) {
      return;
    }
    for (Membership member : members) {
      // A client that does not hear this finds out by itself when it rebalances, every 20 s.
      boolean _ = member.connection().push(new ServerPush.MembersChanged(group));
    }
  }
}
