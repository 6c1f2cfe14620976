package io.escrowmq.spi.storage;

/**
 * A queue of a topic.
 *
 * @param topic topic name, 1 to 255 characters
 * @param queue 0-based number within the topic
 */
public record QueueId(String topic, int queue) implements Comparable<QueueId> {

  /** Longest topic name in characters (retry and dead-letter topics included). */
  public static final int MAX_TOPIC_LENGTH = 255;

  public QueueId {
    if (topic.isEmpty() || topic.length() > MAX_TOPIC_LENGTH) {
      throw new IllegalArgumentException(
          "a topic name has 1 to " + MAX_TOPIC_LENGTH + " characters, got " + topic.length());
    }
    if (queue < 0) {
      throw new IllegalArgumentException("queue number must not be negative: " + queue);
    }
  }

  @Override
  public int compareTo(QueueId other) {
    int byTopic = topic.compareTo(other.topic);
    return byTopic != 0 ? byTopic : Integer.compare(queue, other.queue);
  }

  @Override
  public String toString() {
    return topic + "-" + queue;
  }
}
