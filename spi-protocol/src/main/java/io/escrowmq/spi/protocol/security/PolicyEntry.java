package io.escrowmq.spi.protocol.security;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * One rule: these actions on these resources, asked for from these addresses, are allowed or
 * denied.
 *
 * @param actions at least one
 * @param sources none for every address
 */
public record PolicyEntry(
    ResourcePattern resources, Set<Action> actions, List<AddressRange> sources, Decision decision) {

  /** What the rule says. */
  public enum Decision {
    ALLOW("Allow"),
    DENY("Deny");

    private final String label;

    Decision(String label) {
      this.label = label;
    }

    /** As operators write it. */
    public String label() {
      return label;
    }
  }

  public PolicyEntry {
    if (actions.isEmpty()) {
      throw new IllegalArgumentException("an entry for " + resources.text() + " has no actions");
    }
    actions = Set.copyOf(actions);
    sources = List.copyOf(sources);
  }

  boolean matches(Resource resource, Action action, InetAddress from) {
    return (actions.contains(action) || actions.contains(Action.ALL))
        && resources.matches(resource)
        && (sources.isEmpty() || sources.stream().anyMatch(range -> range.contains(from)));
  }

  /** Whether this decides where both match. */
  boolean beats(PolicyEntry other) {
    int rank = Integer.compare(resources.rank(), other.resources().rank());
    return rank > 0 || (rank == 0 && decision == Decision.DENY);
  }
}
