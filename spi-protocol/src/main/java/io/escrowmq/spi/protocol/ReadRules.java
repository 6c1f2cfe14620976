package io.escrowmq.spi.protocol;

import java.util.Set;

/** Which topics a consumer group may not read. Blocking, thread-safe. */
public interface ReadRules {

  /** Topics that a consumer group may not read, in name order. */
  Set<String> forbidden(String consumerGroup);

  /**
   * Forbids a consumer group to read a topic, or allows it again.
   *
   * @throws BrokerException with {@link ErrorCode#GROUP_NOT_FOUND} or {@link
   *     ErrorCode#TOPIC_NOT_FOUND}
   */
  void forbid(String consumerGroup, String topic, boolean forbidden);
}
