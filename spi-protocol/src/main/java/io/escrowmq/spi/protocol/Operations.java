package io.escrowmq.spi.protocol;

import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import java.util.Map;

/** What operators and their tools see and do. Blocking, thread-safe. */
public interface Operations {

  /** Consumer and producer groups. */
  GroupDirectory groups();

  /** Texts that tools keep here. */
  NamedValues values();

  /**
   * Gauges and counters by name (kebab-case, unit last). Reads the store; what it does not give is
   * left out.
   */
  Map<String, Long> statistics();

  /** How fast the counters of {@link #statistics()} rise, by their names. From memory. */
  Map<String, Rate> rates();

  /**
   * Per second, over the last 10 s, minute and 10 minutes, or since the start where that is
   * shorter.
   */
  record Rate(double tenSeconds, double minute, double tenMinutes) {}

  /** What is known about transactions, and decisions by hand. */
  TransactionDesk transactionDesk();

  /** How much went through topics and groups. From memory. */
  Flow flow();

  /** When the broker began to serve, milliseconds since the epoch. */
  long startedAtMs();
}
