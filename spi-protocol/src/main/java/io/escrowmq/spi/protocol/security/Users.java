package io.escrowmq.spi.protocol.security;

import java.util.List;
import java.util.Optional;

/**
 * Who may log in. Blocking; refusals are those of the door to the broker. Whoever calls this has
 * made sure that the caller may. Changes are durable when a method returns, and hold for every
 * request that comes after.
 */
public interface Users {

  /** The user of this name. */
  Optional<User> find(String name);

  /** All users, in name order. */
  List<User> list();

  /**
   * Adds a user. Refused as an invalid parameter if the name is taken or not allowed, or the secret
   * is empty.
   */
  void create(User user);

  /**
   * Puts this in the place of the user of the same name. Refused as an invalid parameter if there
   * is none, as an illegal operation if it comes from the server's settings.
   */
  void change(User user);

  /**
   * Removes a user and its access control list; nothing happens if there is none. Refused as an
   * illegal operation if it comes from the server's settings.
   */
  void delete(String name);

  /** Whether a super user may be shown the secrets of users. */
  boolean secretsReadable();
}
