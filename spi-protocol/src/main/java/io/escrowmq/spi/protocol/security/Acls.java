package io.escrowmq.spi.protocol.security;

import java.util.List;
import java.util.Optional;

/**
 * What users may do. Blocking; refusals are those of the door to the broker. Whoever calls this has
 * made sure that the caller may. Changes are durable when a method returns, and hold for every
 * request that comes after.
 */
public interface Acls {

  /** The list of a user. */
  Optional<Acl> find(String user);

  /** All lists, in the order of the users' names. */
  List<Acl> list();

  /**
   * Puts this in the place of the user's list; an empty one is none. Refused as an invalid
   * parameter if there is no such user or the list is too long.
   */
  void put(Acl acl);
}
