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
}
