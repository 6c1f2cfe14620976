package io.escrowmq.migration;

/**
 * A queue at the source.
 *
 * @param broker name of its broker
 * @param number 0-based within the topic on that broker
 */
record SourceQueue(String broker, String topic, int number) {

  @Override
  public String toString() {
    return topic + "-" + number + " on " + broker;
  }
}
