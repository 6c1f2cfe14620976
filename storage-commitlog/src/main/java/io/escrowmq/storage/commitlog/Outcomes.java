package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.storage.commitlog.log.FramePlan;
import java.util.List;

/** How outcomes are recorded in frames. The codes are stored: never change one. Stateless. */
final class Outcomes {

  /** The record changed the store. */
  static final int APPLIED = 1;

  /** The record had nothing to change. */
  static final int NO_EFFECT = 2;

  private Outcomes() {}

  /** Adds the outcomes of the preconditions that come next; returns the mutation after them. */
  static int skipPreconditions(List<Mutation> mutations, int from, List<Outcome> outcomes) {
    int next = from;
    while (next < mutations.size() && FramePlan.isPrecondition(mutations.get(next))) {
      outcomes.add(Outcome.APPLIED);
      next++;
    }
    return next;
  }
}
