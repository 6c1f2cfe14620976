package io.escrowmq.broker;

import io.escrowmq.tx.CheckPolicy;
import io.escrowmq.tx.OperatorDecisions.FourEyes;

/**
 * What an operator chose about transactions.
 *
 * @param checks when producers are asked about undecided ones
 * @param questionsPerConnection most questions per second to one client on one connection
 * @param fourEyes whether a decision by hand takes two operators
 */
public record TransactionRules(CheckPolicy checks, int questionsPerConnection, FourEyes fourEyes) {

  /** The default of everything. */
  public static final TransactionRules DEFAULT =
      new TransactionRules(CheckPolicy.DEFAULT, 200, FourEyes.OFF);

  /** The same with another check-back policy. */
  public TransactionRules withChecks(CheckPolicy changed) {
    return new TransactionRules(changed, questionsPerConnection, fourEyes);
  }

  /** The same with another rule for decisions by hand. */
  public TransactionRules withFourEyes(FourEyes changed) {
    return new TransactionRules(checks, questionsPerConnection, changed);
  }
}
