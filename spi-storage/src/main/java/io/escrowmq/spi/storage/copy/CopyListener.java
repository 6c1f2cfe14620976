package io.escrowmq.spi.storage.copy;

/** Hears how a copy gets on, on the thread that copies, often: it should be cheap. */
@FunctionalInterface
public interface CopyListener {

  /** Total of a step whose size is known only at its end. */
  long UNKNOWN = -1;

  /** Nobody listens. */
  CopyListener NONE = (step, done, total) -> {};

  /**
   * A step got this far.
   *
   * @param done messages, holds, decisions or rows (all of them in the comparison)
   * @param total how many there will be, or {@link #UNKNOWN}
   */
  void progress(CopyStep step, long done, long total);
}
