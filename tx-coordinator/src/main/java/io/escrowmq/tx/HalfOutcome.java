package io.escrowmq.tx;

import io.escrowmq.spi.storage.QueueId;

/** What became of a half message. */
public sealed interface HalfOutcome {

  /** Held now, durable and invisible. */
  record Prepared(Handle handle, QueueId queue) implements HalfOutcome {}

  /**
   * A repeated send: the first one is held and undecided. Reply as to {@link Prepared}.
   *
   * @param queue of the first one; a client that repeats a send may have chosen another queue
   */
  record AlreadyPrepared(Handle handle, QueueId queue) implements HalfOutcome {}

  /**
   * The same message was committed within the decision retention: refuse it, its sender is done.
   */
  record AlreadyCommitted(Handle handle) implements HalfOutcome {}
}
