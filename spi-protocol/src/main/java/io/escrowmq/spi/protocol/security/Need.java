package io.escrowmq.spi.protocol.security;

import java.util.Set;

/**
 * What a request needs: one of these actions on a resource.
 *
 * @param anyOf never {@link Action#ALL}
 */
public record Need(Resource resource, Set<Action> anyOf) {

  /** One action on a resource. */
  public Need(Resource resource, Action action) {
    this(resource, Set.of(action));
  }
}
