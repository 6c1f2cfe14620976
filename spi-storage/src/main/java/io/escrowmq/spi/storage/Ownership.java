package io.escrowmq.spi.storage;

import java.time.Duration;
import java.util.Optional;

/**
 * Leases with fencing epochs: who may write what when several servers share a store. On a
 * single-node engine every acquisition succeeds once the previous lease was released or has
 * expired. Thread-safe.
 */
public interface Ownership {

  /**
   * Takes the scope if nobody holds it, raising its epoch.
   *
   * @param owner name of this server, shown to others
   * @return the lease, or empty if another owner's lease has not expired
   */
  Optional<Lease> acquire(String scope, String owner, Duration timeToLive);

  /** Extends a lease that is still current. Empty if it was lost. */
  Optional<Lease> renew(Lease lease, Duration timeToLive);

  /** Gives a lease back early. Nothing happens if it was lost already. */
  void release(Lease lease);

  /** The scope's lease as last written, expired or not. */
  Optional<Lease> current(String scope);

  /**
   * A lease.
   *
   * @param epoch for {@link Mutation.Fence}; rises with every acquisition, never repeats
   * @param expiresAtMs milliseconds since the epoch by the store's clock
   */
  record Lease(String scope, String owner, long epoch, long expiresAtMs) {}
}
