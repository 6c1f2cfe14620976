package io.escrowmq.samples.bank.credit;

import io.escrowmq.samples.bank.contract.Transfer;

/**
 * A place where the demo breaks this service on purpose. A real service has none: it passes {@link
 * #NONE}.
 */
@FunctionalInterface
public interface CreditFaults {
  /** Nothing goes wrong. */
  CreditFaults NONE = transfer -> false;

  /**
   * Whether the acknowledgement of this message gets lost after the money was credited, so that it
   * is delivered again.
   */
  boolean losesAcknowledgement(Transfer transfer);
}
