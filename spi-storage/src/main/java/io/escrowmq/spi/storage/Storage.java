package io.escrowmq.spi.storage;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * An open store. Thread-safe.
 *
 * <p>Contract in one paragraph: a batch is all or nothing; a receipt means the batch is durable (as
 * configured) and visible to every reader of this interface; offsets of a queue are dense, start at
 * 0 and follow the order of receipts; whatever was acknowledged is there after a crash; whatever
 * was not may be there, whole, or not at all.
 */
public interface Storage extends AutoCloseable {

  /** Optional abilities. Declared, never discovered by an exception. */
  Set<Capability> capabilities();

  /**
   * What a write that was acknowledged at this durability survives. Declared by the engine, and
   * held against it by the contract kit. Empty for a level that the store refuses. Cheap; may
   * change while the store is open if it depends on the settings of a database.
   */
  Set<Mishap> survives(Durability durability);

  /**
   * Applies the batch: the only way to change anything. Never blocks for I/O; safe on an event
   * loop.
   *
   * <p>The engine copies what it needs before this method returns: the caller may reuse the message
   * bytes. The stage completes on an engine thread (do not block there), in queue order for batches
   * that touch the same queue. It completes exceptionally with a {@link StorageException}; after
   * {@link StorageException.Unavailable} the outcome is unknown, after any other the batch did not
   * happen. A batch over a limit is {@link StorageException.TooLarge}.
   *
   * @throws IllegalArgumentException (or as the stage's failure) if a mutation contradicts itself:
   *     a message addressed to another queue, an impossible table name, an empty key
   */
  CompletionStage<WriteReceipt> write(WriteBatch batch);

  /** Visible messages. */
  MessageLog log();

  /** Held messages. */
  Escrow escrow();

  /** Small ordered state: topics, groups, offsets, locks, users. */
  Tables tables();

  /** Messages by key, by unique id, by time. */
  MessageIndex index();

  /** Leases with fencing epochs. */
  Ownership ownership();

  /**
   * A table of this store's own database in which applications leave messages within their own
   * transactions. Needs nothing of the database yet: see {@link IntakeTable#check}.
   *
   * @return empty if the engine is not on a database that applications use
   */
  default Optional<StoreIntake> intake(IntakeScope scope) {
    return Optional.empty();
  }

  /** Retention, checkpoint, verification, statistics, health. */
  Maintenance maintenance();

  /** Finishes what was accepted, checkpoints, releases files and locks. Idempotent. */
  @Override
  void close();
}
