package io.escrowmq.samples.bank;

import io.escrowmq.samples.bank.contract.Transfer;
import io.escrowmq.samples.bank.credit.CreditFaults;
import io.escrowmq.samples.bank.debit.DebitFaults;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes the living services lose what the plan says they lose. */
final class PlannedFaults implements DebitFaults, CreditFaults {
  private final Set<String> outcomesLost;
  private final Set<String> acknowledgementsLost;

  PlannedFaults(List<PlannedTransfer> plan) {
    outcomesLost = ids(plan, Fate.OUTCOME_UNKNOWN);
    acknowledgementsLost = ids(plan, Fate.ACKNOWLEDGEMENT_LOST);
  }

  private static Set<String> ids(List<PlannedTransfer> plan, Fate fate) {
    return plan.stream()
        .filter(planned -> planned.fate() == fate)
        .map(planned -> planned.transfer().id())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** How many messages will have to be delivered twice. */
  int acknowledgementsLost() {
    return acknowledgementsLost.size();
  }

  @Override
  public boolean losesOutcome(Transfer transfer) {
    return outcomesLost.contains(transfer.id());
  }

  @Override
  public boolean losesAcknowledgement(Transfer transfer) {
    return acknowledgementsLost.contains(transfer.id());
  }
}
