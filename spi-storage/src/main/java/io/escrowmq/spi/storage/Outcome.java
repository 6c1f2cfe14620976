package io.escrowmq.spi.storage;

/**
 * What one mutation did.
 *
 * @param result see {@link Result}
 * @param queueOffset offset given to an append or release (also when it was released earlier), else
 *     -1
 * @param position address of that message for {@link MessageLog#at}, else -1
 */
public record Outcome(Result result, long queueOffset, long position) {

  /** A plain success without an address. */
  public static final Outcome APPLIED = of(Result.APPLIED);

  /** The batch was rejected, so this mutation did nothing. */
  public static final Outcome NOT_APPLIED = of(Result.NOT_APPLIED);

  /** The possible results. */
  public enum Result {
    /** Took effect, or as a precondition: held true. */
    APPLIED,
    /**
     * Nothing happened, because another precondition of the batch failed. In a rejected batch every
     * mutation says so that is not itself a failed precondition. In an applied batch: a first
     * offset came too late for its queue.
     */
    NOT_APPLIED,
    /** This table precondition failed. */
    PRECONDITION_FAILED,
    /** The id is held already (answer to a repeated hold). */
    ALREADY_HELD,
    /** The id was released earlier; offset and position are those of that release. */
    ALREADY_RELEASED,
    /** The id was discarded earlier. */
    ALREADY_DISCARDED,
    /** The id was never held, or was decided longer ago than the decision retention. */
    UNKNOWN
  }

  /** An outcome without an address. */
  public static Outcome of(Result result) {
    return new Outcome(result, -1, -1);
  }

  /** A message became visible at this address. */
  public static Outcome appended(long queueOffset, long position) {
    return new Outcome(Result.APPLIED, queueOffset, position);
  }
}
