package io.escrowmq.samples.bank;

import io.escrowmq.samples.bank.contract.Transfer;
import io.escrowmq.samples.bank.debit.DebitDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A transfer and what is going to happen to it. */
record PlannedTransfer(Transfer transfer, Fate fate) {
  private static final int MAX_AMOUNT_CENTS = 200_00;

  /**
   * Bound on the transfers in flight in the instance that is killed: each one holds a thread there.
   */
  private static final int MAX_KILLED = 40;

  /** Makes the plan of a run: the same seed gives the same plan. */
  static List<PlannedTransfer> plan(int transfers, int accounts, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PlannedTransfer> plan = new ArrayList<>(transfers);
    int killed = 0;
    for (int i = 0; i < transfers; i++) {
      Fate fate = fate(i % 20);
      if (fate.killsItsSender() && ++killed > MAX_KILLED) {
        fate = Fate.PLAIN;
      }
      long amountCents = 1_00L + random.nextInt(MAX_AMOUNT_CENTS);
      if (fate == Fate.REFUSED) {
        amountCents += DebitDatabase.TRANSFER_LIMIT_CENTS;
      }
      String id = String.format("T%07d", i);
      plan.add(
          new PlannedTransfer(
              new Transfer(id, random.nextInt(accounts), random.nextInt(accounts), amountCents),
              fate));
    }
    return List.copyOf(plan);
  }

  /**
   * Of twenty transfers, two are refused, one each loses its outcome, its acknowledgement, and its
   * sender twice.
   */
  private static Fate fate(int slot) {
    return switch (slot) {
      case 3, 13 -> Fate.REFUSED;
      case 5 -> Fate.OUTCOME_UNKNOWN;
      case 8 -> Fate.ACKNOWLEDGEMENT_LOST;
      case 11 -> Fate.KILLED_AFTER_DEBIT;
      case 17 -> Fate.KILLED_BEFORE_DEBIT;
      default -> Fate.PLAIN;
    };
  }
}
