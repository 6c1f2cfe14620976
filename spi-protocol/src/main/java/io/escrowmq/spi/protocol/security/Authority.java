package io.escrowmq.spi.protocol.security;

import java.util.Optional;

/** Knows who may log in and what they may do. Thread-safe. */
public interface Authority {

  /**
   * False: nobody is asked who they are, and everybody may do everything. Does not change while the
   * server runs.
   */
  boolean enforced();

  /** The user of this name if it may log in now. From memory: safe on an event loop. */
  Optional<Principal> principal(String name);

  /** Who may log in. */
  Users users();

  /** What they may do. */
  Acls acls();
}
