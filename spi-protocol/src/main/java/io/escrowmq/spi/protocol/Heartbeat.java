package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.Set;

/**
 * What a client says about itself.
 *
 * @param producerGroups groups it produces for
 * @param consumers groups it consumes for
 */
public record Heartbeat(String clientId, Set<String> producerGroups, List<Consumer> consumers) {

  public Heartbeat {
    producerGroups = Set.copyOf(producerGroups);
    consumers = List.copyOf(consumers);
  }

  /** Whether members share the messages or each gets all. */
  public enum MessageModel {
    CLUSTERING,
    BROADCASTING
  }

  /** Who moves first. */
  public enum ConsumeType {
    ACTIVELY,
    PASSIVELY
  }

  /** Where a group without offsets begins. */
  public enum ConsumeFrom {
    LAST_OFFSET,
    FIRST_OFFSET,
    TIMESTAMP
  }

  /** Membership in one consumer group. */
  public record Consumer(
      String group,
      ConsumeType type,
      MessageModel model,
      ConsumeFrom from,
      Set<Subscription> subscriptions) {

    public Consumer {
      subscriptions = Set.copyOf(subscriptions);
    }
  }
}
