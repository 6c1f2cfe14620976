package io.escrowmq.spi.protocol;

import java.util.Map;

/**
 * A consumer group as operators configure it.
 *
 * @param consumes false: pulls of the group are refused
 * @param broadcasts false: a member that wants every message for itself is refused
 * @param ordered true if members consume queue by queue, in order; told to clients, not enforced
 * @param notifies whether members hear at once that others came or went; else they find out when
 *     they rebalance, every 20 s
 * @param retryQueues queues of the retry topic
 * @param maxRetries attempts after the first before a message goes to the dead letters; counts
 *     where the client gives no limit of its own
 * @param attributes names without sign
 * @param others settings that a protocol's tools set and read back but this broker does not act on,
 *     by the tools' own names
 * @param retryPolicy how long a message that was given back waits
 */
public record GroupConfig(
    String name,
    boolean consumes,
    boolean broadcasts,
    boolean ordered,
    boolean notifies,
    int retryQueues,
    int maxRetries,
    Map<String, String> attributes,
    Map<String, String> others,
    RetryPolicy retryPolicy) {

  public GroupConfig {
    attributes = Map.copyOf(attributes);
    others = Map.copyOf(others);
  }

  /** A group that may do everything. */
  public static GroupConfig of(String name, int maxRetries) {
    return new GroupConfig(
        name, true, true, false, true, 1, maxRetries, Map.of(), Map.of(), RetryPolicy.LEVELS);
  }
}
