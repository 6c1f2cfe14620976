package io.escrowmq.tx;

import io.escrowmq.spi.storage.QueueId;
import java.util.List;

/** What became of a request about a joint transaction. */
public sealed interface JointOutcome {

  /** Answers to {@link JointTransactions#open}. */
  sealed interface OfOpen extends JointOutcome {}

  /** Answers to {@link JointTransactions#add}. */
  sealed interface OfAdd extends JointOutcome {}

  /** Answers to {@link JointTransactions#end}. */
  sealed interface OfEnd extends JointOutcome {}

  /**
   * Open, durable.
   *
   * @param repeated true if it was before
   */
  record Opened(Handle transaction, boolean repeated) implements OfOpen {}

  /**
   * Held, durable and invisible.
   *
   * @param queue of the first one, if it was repeated
   */
  record Added(QueueId queue, boolean repeated) implements OfAdd {}

  /** It was decided before: nothing can be opened under its key or added to it. */
  record AlreadyDecided(Handle transaction, Decision decision) implements OfOpen, OfAdd {}

  /** Another message has this number: nothing changed. */
  record Different(int sequence) implements OfAdd {}

  /**
   * Its key was used by an earlier transaction, long forgotten, one of whose messages is remembered
   * still: nothing was added.
   */
  record KeyUsed(int sequence) implements OfAdd {}

  /**
   * Decided, durably.
   *
   * @param repeated true if it was before, the same way
   * @param holds the committed messages in the order of their numbers; of a repeated commit that
   *     named none, and of a rollback, none
   */
  record Decided(Decision decision, boolean repeated, List<Placed> holds) implements OfEnd {
    public Decided {
      holds = List.copyOf(holds);
    }
  }

  /**
   * The recorded decision is another one: nothing changed.
   *
   * @param recorded what it is
   */
  record Conflict(Decision recorded) implements OfEnd {}

  /**
   * It was committed with other messages than this commit names: nothing changed.
   *
   * @param committed the numbers of those that it was committed with, in their order
   */
  record OtherMessages(List<Integer> committed) implements OfEnd {
    public OtherMessages {
      committed = List.copyOf(committed);
    }
  }

  /** A commit names messages that are not there: nothing changed, it stays open. */
  record Incomplete(List<Integer> missing) implements OfEnd {
    public Incomplete {
      missing = List.copyOf(missing);
    }
  }

  /** No such transaction, or decided longer ago than the decision retention. */
  record NotFound() implements OfAdd, OfEnd {}

  /** It belongs to another producer group: nothing changed. */
  record GroupMismatch(String recordedGroup) implements OfAdd, OfEnd {}

  /**
   * A committed message.
   *
   * @param queueOffset offset in its queue, -1 if it waits for its delivery time
   * @param visibleAtMs when it becomes visible, milliseconds since the epoch; 0 if it is
   */
  record Placed(int sequence, long queueOffset, long visibleAtMs) {}
}
