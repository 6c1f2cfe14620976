package io.escrowmq.broker;

import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.NamedValues;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The operators' side of a broker.
 *
 * @param figures gathers the statistics
 * @param speeds gathers the rates
 * @param transactionDesk what is known about them, and decisions by hand
 * @param flow what topics and groups had
 */
record BrokerOperations(
    GroupDirectory groups,
    NamedValues values,
    Supplier<Map<String, Long>> figures,
    Supplier<Map<String, Rate>> speeds,
    TransactionDesk transactionDesk,
    Flow flow,
    long startedAtMs)
    implements Operations {

  @Override
  public Map<String, Long> statistics() {
    return figures.get();
  }

  @Override
  public Map<String, Rate> rates() {
    return speeds.get();
  }
}
