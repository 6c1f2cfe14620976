package io.escrowmq.spi.protocol.transactions;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When and how often producers are asked about undecided transactions. A field of the topic counts
 * before the producer group's, that before the cluster's. Blocking, thread-safe; a value out of its
 * range is a {@link io.escrowmq.spi.protocol.BrokerException} with {@code INVALID_PARAMETER}.
 */
public interface CheckRulesDesk {

  /** What groups and topics want otherwise than the cluster. */
  List<Entry> all();

  /** What counts for a group's message on a topic; every field is present. */
  Rules of(String producerGroup, String topic);

  /** Sets what a group or topic wants otherwise, in place of what it wanted before. */
  void put(Scope scope, String name, Rules wanted, String operator);

  /**
   * Removes what a group or topic wants otherwise.
   *
   * @return false if that was nothing
   */
  boolean remove(Scope scope, String name, String operator);

  /** What rules are about. */
  enum Scope {
    GROUP,
    TOPIC
  }

  /** What becomes of a transaction that nobody decides. */
  enum OnGiveUp {
    PARK,
    /** Unsafe, and for groups only. */
    ROLLBACK
  }

  /** The rules of a group or topic. */
  record Entry(Scope scope, String name, Rules rules) {}

  /**
   * Rules; an empty field leaves what is set in the wider circle.
   *
   * @param first from the half message to the first question
   * @param interval from the first question to the second
   * @param backoffPercent each further interval in percent of the one before, 100 to 1000
   * @param maxInterval no interval is longer
   * @param jitterPercent each interval is longer or shorter by up to so much, 0 to 50
   * @param limit questions that reached a producer before it is given up; 0 for no limit
   * @param maxAge age at which it is given up
   */
  record Rules(
      Optional<Duration> first,
      Optional<Duration> interval,
      Optional<Integer> backoffPercent,
      Optional<Duration> maxInterval,
      Optional<Integer> jitterPercent,
      Optional<Integer> limit,
      Optional<Duration> maxAge,
      Optional<OnGiveUp> onGiveUp) {}
}
