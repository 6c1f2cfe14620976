package io.escrowmq.spi.storage;

/**
 * One change of a {@link WriteBatch}. Preconditions ({@link Require}, {@link RequireHeld}, {@link
 * Fence}) are judged against the store as it was before the batch; the others take effect in the
 * order given, each seeing the ones before it.
 */
public sealed interface Mutation {

  /**
   * The message becomes visible at the queue's next dense offset.
   *
   * @param message its topic and queue number must equal the queue's
   */
  record Append(QueueId queue, Message message) implements Mutation {}

  /**
   * The message becomes durable and stays invisible. Idempotent by id: an id that is already held,
   * released or discarded changes nothing and says so in its {@link Outcome}.
   *
   * @param queue where the message appears when released; equals the message's topic and queue
   *     number
   * @param wakeAtMs when {@link Escrow#due} reports it, milliseconds since the epoch; {@link
   *     #NEVER} for not at all
   * @param attributes opaque to the engine, at most {@link #MAX_ATTRIBUTES_BYTES}
   */
  record Hold(
      HoldId id, QueueId queue, Message message, HoldKind kind, long wakeAtMs, Bytes attributes)
      implements Mutation {

    /** A wake-up time that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Longest attributes in bytes. */
    public static final int MAX_ATTRIBUTES_BYTES = 1024;
  }

  /** The held message becomes visible now, at its queue's next offset. */
  record Release(HoldId id) implements Mutation {}

  /** The held message is gone. */
  record Discard(HoldId id) implements Mutation {}

  /** A new wake-up time, kind and attributes for a held message, without rewriting its body. */
  record Reschedule(HoldId id, HoldKind kind, long wakeAtMs, Bytes attributes)
      implements Mutation {}

  /** Sets a table row, creating it if needed, and gives it a new version. */
  record Put(String table, Bytes key, Bytes value) implements Mutation {}

  /** Removes a table row, if there is one. */
  record Delete(String table, Bytes key) implements Mutation {}

  /**
   * Messages of the queue below the offset become unreadable, by address and by look-up too; never
   * lowers the minimum. An offset beyond the end empties the queue, whose offsets go on where they
   * were.
   */
  record Trim(QueueId queue, long newMinOffset) implements Mutation {}

  /** Precondition: the row has this version ({@link #ABSENT}: there is no such row). */
  record Require(String table, Bytes key, long version) implements Mutation {

    /** The version of a row that does not exist. Real versions are positive and never repeat. */
    public static final long ABSENT = 0;
  }

  /** Precondition: the id is held now. Its outcome reports what it is instead. */
  record RequireHeld(HoldId id) implements Mutation {}

  /**
   * Precondition: the lease of the scope still has this epoch; a scope that nobody ever acquired
   * has none. A failure is {@link StorageException.Fenced}.
   */
  record Fence(String scope, long epoch) implements Mutation {}

  /**
   * What another store knew, as it knew it: how a copy of a store is filled. Not for live traffic:
   * the caller vouches for what the clock and the sequence of writes vouch for otherwise.
   */
  sealed interface Restore extends Mutation {

    /**
     * A queue that has never had a message will begin at this offset. Any other queue stays as it
     * is, and the outcome says {@link Outcome.Result#NOT_APPLIED}.
     *
     * @param firstOffset not negative
     */
    record Begin(QueueId queue, long firstOffset) implements Restore {
      public Begin {
        if (firstOffset < 0) {
          throw new IllegalArgumentException(
              "the first offset of " + queue + " must not be negative: " + firstOffset);
        }
      }
    }

    /**
     * An append that keeps the message's store time; offset and position are given as always. The
     * times of a queue must not go back. A store's messages come in the order of their store time:
     * the retention, which forgets the oldest writes first, relies on it.
     *
     * @param message its topic and queue number must equal the queue's
     */
    record Visible(QueueId queue, Message message) implements Restore {}

    /**
     * A hold that keeps the time it was first held at. Idempotent by id, as {@link Mutation.Hold}.
     *
     * @param entry its queue equals the message's topic and queue number
     */
    record Held(HoldEntry entry, Message message) implements Restore {}

    /**
     * A decision that was made elsewhere, remembered as one made here. Idempotent by id: an id that
     * is held, released or discarded here changes nothing and says so in its {@link Outcome}.
     *
     * @param status released or discarded, with the time of the decision
     */
    record Decided(HoldId id, HoldStatus status) implements Restore {
      public Decided {
        if (status.state() != HoldStatus.State.RELEASED
            && status.state() != HoldStatus.State.DISCARDED) {
          throw new IllegalArgumentException("no decision about " + id + ": " + status);
        }
      }
    }
  }
}
