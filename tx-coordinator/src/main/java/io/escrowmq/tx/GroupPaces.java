package io.escrowmq.tx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The paces of the producer groups that have something due. Groups that had nothing due for a whole
 * sweep are forgotten. Owned by the scheduler's thread.
 */
final class GroupPaces {

  private final CheckPolicy policy;
  private final CheckChannel channel;
  private final Map<String, GroupPace> paces = new HashMap<>();
  private final Set<String> observed = new HashSet<>();
  private final Set<String> touched = new HashSet<>();
  private final Set<String> backlogged = new HashSet<>();

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
    touched.clear();
  }

  GroupPace of(String group, long nowMs) {
    GroupPace pace = paces.computeIfAbsent(group, _ -> new GroupPace(policy));
    if (observed.add(group)) {
      pace.observe(channel.reachable(group), nowMs);
    }
    touched.add(group);
    return pace;
  }

  void backlog(String group) {
    backlogged.add(group);
  }

  boolean anyBacklog() {
    return !backlogged.isEmpty();
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
