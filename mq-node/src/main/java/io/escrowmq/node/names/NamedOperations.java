package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.NamedValues;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import java.util.Map;

/** Figures are the whole broker's under every name; groups are as far as a name has queues. */
record NamedOperations(BrokerServices broker, Share share, ResetRelay resets)
    implements Operations {

  @Override
  public GroupDirectory groups() {
    return new NamedDirectory(broker.operations().groups(), share, resets);
  }

  @Override
  public NamedValues values() {
    return broker.operations().values();
  }

  @Override
  public Map<String, Long> statistics() {
    return broker.operations().statistics();
  }

  @Override
  public Map<String, Rate> rates() {
    return broker.operations().rates();
  }

  @Override
  public TransactionDesk transactionDesk() {
    return broker.operations().transactionDesk();
  }

  @Override
  public Flow flow() {
    return broker.operations().flow();
  }

  @Override
  public long startedAtMs() {
    return broker.operations().startedAtMs();
  }
}
