package io.escrowmq.crash;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the producers know: what was acknowledged, and what their local transactions decided. */
final class Ledger {

  final Map<String, Address> plainAcknowledged = new ConcurrentHashMap<>();
  final Map<String, Long> delayedAcknowledged = new ConcurrentHashMap<>();
  final Map<String, Boolean> transactionCommitted = new ConcurrentHashMap<>();
  final Map<String, Boolean> attempted = new ConcurrentHashMap<>();

  /** Where an acknowledged message was said to be. */
  record Address(String topic, String broker, int queue, long offset) {
    /** Name of the queue among those of all brokers. */
    String queueName() {
      return topic + "/" + broker + "/" + queue;
    }
  }

  /** The truth about a transaction: the first word counts, as with a unique row in a database. */
  boolean decide(String key, boolean commit) {
    Boolean earlier = transactionCommitted.putIfAbsent(key, commit);
    return earlier == null ? commit : earlier;
  }

  /** One line for people. */
  String summary() {
    long committed = transactionCommitted.values().stream().filter(commit -> commit).count();
    return "%d attempted; acknowledged: %d plain, %d delayed; transactions: %d committed, %d rolled back"
        .formatted(
            attempted.size(),
            plainAcknowledged.size(),
            delayedAcknowledged.size(),
            committed,
            transactionCommitted.size() - committed);
  }
}
