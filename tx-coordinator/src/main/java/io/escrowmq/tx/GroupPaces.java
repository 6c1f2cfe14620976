package io.escrowmq.tx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The paces of the producer groups that have something due. Groups that had nothing due for a whole
 * sweep are forgotten. Owned by the scheduler's thread, except {@link #stopWaiting} and {@link
 * #backlog}.
 */
final class GroupPaces {

  private final CheckPolicy policy;
  private final CheckChannel channel;
  private final Map<String, GroupPace> paces = new HashMap<>();
  private final Set<String> observed = new HashSet<>();
  private final Set<String> touched = new HashSet<>();
  private final Set<String> backlogged = ConcurrentHashMap.newKeySet();
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();

  GroupPaces(CheckPolicy policy, CheckChannel channel) {
    this.policy = policy;
    this.channel = channel;
  }

  /** A new run: every group's presence is asked for again, once. */
  void beginRun() {
    observed.clear();
  }

  /** A new sweep finds out anew which groups have more due than they may be asked. */
  void beginSweep() {
    backlogged.clear();
  }

  void endSweep() {
    paces.keySet().retainAll(touched);
    waiting.retainAll(touched);
    touched.clear();
  }

  GroupPace of(String group, long nowMs) {
    GroupPace pace = paces.computeIfAbsent(group, _ -> new GroupPace(policy));
    if (observed.add(group)) {
      pace.observe(observe(group), nowMs);
    }
    touched.add(group);
    return pace;
  }

  /** True if transactions of the group are due and nobody was there; it no longer counts so. */
  boolean stopWaiting(String group) {
    return waiting.remove(group);
  }

  /** True if transactions of the group are due and nobody was there when it was last looked for. */
  boolean isWaiting(String group) {
    return waiting.contains(group);
  }

  void backlog(String group) {
    backlogged.add(group);
  }

  boolean anyBacklog() {
    return !backlogged.isEmpty();
  }

  /** Marks first and looks then, so that a member who arrives in between is not missed. */
  private boolean observe(String group) {
    waiting.add(group);
    boolean reachable = channel.reachable(group);
    if (reachable) {
      waiting.remove(group);
    }
    return reachable;
  }

  /** True if there is a backlog and no group that has one may be asked now. */
  boolean allBackloggedAreOut(long nowMs) {
    for (String group : backlogged) {
      if (of(group, nowMs).hasToken()) {
        return false;
      }
    }
    return !backlogged.isEmpty();
  }
}
