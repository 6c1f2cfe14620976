package io.escrowmq.spi.protocol.security;

import java.util.ArrayList;
import java.util.List;

/**
 * What a user may do. Only where no entry of {@code custom} matches do those of {@code defaults}
 * count.
 *
 * @param user name of the user
 */
public record Acl(String user, List<PolicyEntry> custom, List<PolicyEntry> defaults) {

  /** The two lists. */
  public enum Policy {
    CUSTOM,
    DEFAULT
  }

  public Acl {
    custom = List.copyOf(custom);
    defaults = List.copyOf(defaults);
  }

  /** The entries of a list. */
  public List<PolicyEntry> entries(Policy policy) {
    return switch (policy) {
      case CUSTOM -> custom;
      case DEFAULT -> defaults;
    };
  }

  /** True if it says nothing. */
  public boolean isEmpty() {
    return custom.isEmpty() && defaults.isEmpty();
  }

  /** The same with these entries; an entry takes the place of one about the same resources. */
  public Acl with(Policy policy, List<PolicyEntry> added) {
    List<PolicyEntry> merged = new ArrayList<>(entries(policy));
    for (PolicyEntry entry : added) {
      merged.removeIf(old -> old.resources().equals(entry.resources()));
      merged.add(entry);
    }
    return replaced(policy, merged);
  }

  /** The same without what it says about exactly these resources. */
  public Acl without(Policy policy, ResourcePattern resources) {
    return replaced(
        policy,
        entries(policy).stream().filter(entry -> !entry.resources().equals(resources)).toList());
  }

  private Acl replaced(Policy policy, List<PolicyEntry> entries) {
    return switch (policy) {
      case CUSTOM -> new Acl(user, entries, defaults);
      case DEFAULT -> new Acl(user, custom, entries);
    };
  }
}
