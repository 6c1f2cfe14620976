package io.escrowmq.broker;

import io.escrowmq.tx.CheckPolicy;
import io.escrowmq.tx.ExternalCheck;
import io.escrowmq.tx.OperatorDecisions.FourEyes;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What an operator chose about transactions.
 *
 * @param checks when producers are asked about undecided ones
 * @param questionsPerConnection most questions per second to one client on one connection
 * @param fourEyes whether a decision by hand takes two operators
 * @param external opens the checks of producer groups that are not asked over their connections;
 *     each broker opens and closes its own
 */
public record TransactionRules(
    CheckPolicy checks,
    int questionsPerConnection,
    FourEyes fourEyes,
    Supplier<Map<String, ExternalCheck>> external) {

  /** The default of everything. */
  public static final TransactionRules DEFAULT =
      new TransactionRules(CheckPolicy.DEFAULT, 200, FourEyes.OFF, Map::of);

  /** The same with another check-back policy. */
  public TransactionRules withChecks(CheckPolicy changed) {
    return new TransactionRules(changed, questionsPerConnection, fourEyes, external);
  }

  /** The same with checks outside. */
  public TransactionRules withExternal(Supplier<Map<String, ExternalCheck>> changed) {
    return new TransactionRules(checks, questionsPerConnection, fourEyes, changed);
  }

  /** The same with another rule for decisions by hand. */
  public TransactionRules withFourEyes(FourEyes changed) {
    return new TransactionRules(checks, questionsPerConnection, changed, external);
  }
}
