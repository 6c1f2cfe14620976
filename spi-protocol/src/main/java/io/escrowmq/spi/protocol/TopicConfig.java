package io.escrowmq.spi.protocol;

import java.util.Map;

/**
 * A topic.
 *
 * @param permission bits: 1 inherit, 2 write, 4 read (RocketMQ's numbers)
 * @param systemFlag opaque to the broker
 * @param ordered true if producers were promised a fixed queue list
 * @param attributes names without sign, for example {@code message.type}
 */
public record TopicConfig(
    String name,
    int readQueues,
    int writeQueues,
    int permission,
    int systemFlag,
    boolean ordered,
    Map<String, String> attributes) {

  /** Permission bit: new topics may inherit from this one. */
  public static final int INHERIT = 1;

  /** Permission bit: sends are accepted. */
  public static final int WRITE = 2;

  /** Permission bit: pulls are accepted. */
  public static final int READ = 4;

  public TopicConfig {
    attributes = Map.copyOf(attributes);
  }

  /** A readable and writable topic with this many queues. */
  public static TopicConfig of(String name, int queues) {
    return new TopicConfig(name, queues, queues, READ | WRITE, 0, false, Map.of());
  }

  /** The same without the write permission. */
  public TopicConfig closedToSenders() {
    return new TopicConfig(
        name, readQueues, writeQueues, permission & ~WRITE, systemFlag, ordered, attributes);
  }

  /** True if sends are accepted. */
  public boolean writable() {
    return (permission & WRITE) != 0;
  }

  /** True if pulls are accepted. */
  public boolean readable() {
    return (permission & READ) != 0;
  }
}
