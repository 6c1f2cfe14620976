package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.Optional;

/**
 * How the members of a group get a topic's messages, where an operator decided it; members that ask
 * the server for their share follow it. Durable; blocking, thread-safe.
 */
public interface RequestModes {

  /** What was decided for a group and topic. */
  Optional<Mode> find(String consumerGroup, String topic);

  /** All decisions, in topic and group order. */
  List<Mode> all();

  /**
   * Decides.
   *
   * @throws BrokerException with {@link ErrorCode#TOPIC_NOT_FOUND} or {@link
   *     ErrorCode#GROUP_NOT_FOUND} if there is no such topic or group, with {@link
   *     ErrorCode#NO_PERMISSION} for a retry topic, which is always pulled
   */
  void set(Mode mode);

  /**
   * A decision.
   *
   * @param pops true: members pop; false: each pulls queues of its own
   * @param sharedQueues for members that pop: with how many other members each shares its queues; 0
   *     or less for all queues to everybody
   */
  record Mode(String consumerGroup, String topic, boolean pops, int sharedQueues) {}
}
