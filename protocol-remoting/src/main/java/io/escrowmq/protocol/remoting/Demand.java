package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.Resource;
import java.util.List;
import java.util.Set;

/** What a user must have to make a request. */
sealed interface Demand {

  /** All of these; if there are none, whoever is known may. */
  record Needs(List<Need> all) implements Demand {}

  /** Every right. */
  record SuperUser() implements Demand {}

  /**
   * All of these, and one of the actions on the topic of a message that is only named by its
   * address.
   */
  record NeedsMessage(List<Need> all, long position, Set<Action> anyOf) implements Demand {}

  /** Anybody who is known. */
  static Demand nothing() {
    return new Needs(List.of());
  }

  /** One of the actions on each of the resources. */
  static Demand of(Set<Action> anyOf, Resource... resources) {
    return resources.length == 1
        ? new Needs(List.of(new Need(resources[0], anyOf)))
        : new Needs(List.of(resources).stream().map(it -> new Need(it, anyOf)).toList());
  }
}
