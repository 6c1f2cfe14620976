package io.escrowmq.server.settings;

import io.escrowmq.broker.TransactionRules;
import io.escrowmq.node.NodeStartException;
import io.escrowmq.server.checks.ChecksFile;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.tx.CheckPolicy;
import io.escrowmq.tx.CheckRules;
import io.escrowmq.tx.ExternalCheck;
import io.escrowmq.tx.OperatorDecisions.FourEyes;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What an operator set about transactions, in the words of the broker. */
final class TransactionRulesFactory {

  private TransactionRulesFactory() {}

  private static Supplier<Map<String, ExternalCheck>> external(@Nullable Path file) {
    if (file == null) {
      return Map::of;
    }
    ChecksFile checks = ChecksFile.read(file);
    return () -> checks.open(TimeSource.system());
  }

  static TransactionRules from(EscrowSettings settings) {
    EscrowSettings.Transactions wanted = settings.transactions();
    if (wanted.fourEyes() && !settings.security().enabled()) {
      throw new NodeStartException(
          "The four-eyes rule needs users",
          "escrowmq.transactions.four-eyes",
          "without escrowmq.security.enabled anybody can say to be a second operator",
          "Switch security on, see docs/operating/security.md, or the rule off.",
          null);
    }
    CheckPolicy defaults = CheckPolicy.DEFAULT;
    return new TransactionRules(
        new CheckPolicy(
            new CheckRules(
                wanted.checkFirst(),
                wanted.checkInterval(),
                wanted.checkBackoffPercent(),
                wanted.checkMaxInterval(),
                wanted.checkJitterPercent(),
                wanted.checkMax(),
                wanted.maxAge(),
                CheckRules.OnGiveUp.PARK),
            wanted.checkRate(),
            defaults.groupBurst(),
            defaults.ramp()),
        wanted.checkRatePerConnection(),
        new FourEyes(wanted.fourEyes(), wanted.fourEyesWindow()),
        external(wanted.checksFile()));
  }
}
