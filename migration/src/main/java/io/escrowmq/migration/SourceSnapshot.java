package io.escrowmq.migration;

import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.TopicConfig;
import java.util.List;
import java.util.Map;

/**
 * What a cluster said at one time, messages aside.
 *
 * @param clusters names, sorted
 * @param brokers sorted by name
 */
record SourceSnapshot(List<String> clusters, List<OfBroker> brokers) {

  SourceSnapshot {
    clusters = List.copyOf(clusters);
    brokers = List.copyOf(brokers);
  }

  /**
   * One broker.
   *
   * @param topics by name, as they are on this broker, system topics too
   * @param groups by name, system groups too
   * @param offsets what groups have committed: the next offset that each wants
   */
  record OfBroker(
      SourceBroker broker,
      Map<String, TopicConfig> topics,
      Map<String, GroupConfig> groups,
      Map<Position, Long> offsets,
      Waiting waiting) {}

  /** A group's place in a queue of the broker. */
  record Position(String group, String topic, int queue) {}

  /**
   * Messages that a broker holds and nobody can pull yet.
   *
   * @param delayed waiting for a delay level
   * @param timed waiting for a time of their own
   * @param half at most this many: transactions that are not decided, and decided ones that the
   *     broker has not swept up yet
   * @param givenUp half messages whose check-backs were used up
   */
  record Waiting(long delayed, long timed, long half, long givenUp) {

    static final Waiting NOTHING = new Waiting(0, 0, 0, 0);

    Waiting plus(Waiting other) {
      return new Waiting(
          delayed + other.delayed, timed + other.timed, half + other.half, givenUp + other.givenUp);
    }
  }

  /** What waits on all brokers. */
  Waiting waiting() {
    return brokers.stream().map(OfBroker::waiting).reduce(Waiting.NOTHING, Waiting::plus);
  }
}
