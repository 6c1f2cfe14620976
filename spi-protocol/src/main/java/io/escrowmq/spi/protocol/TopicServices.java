package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.Optional;

/** Topics and routes. Blocking. */
public interface TopicServices {

  /**
   * The topic as clients see it, including names that exist only as routes (the auto-create
   * template TBW102, cluster and broker names, retry topics of known groups). Empty if there is no
   * such topic. Answered from memory: safe on an event loop.
   */
  Optional<TopicConfig> route(String topic);

  /**
   * Creates or changes a topic.
   *
   * @throws BrokerException with {@link ErrorCode#INVALID_PARAMETER} for an illegal name or number
   */
  void createOrUpdate(TopicConfig topic);

  /** All topics that have a configuration, in name order. */
  List<TopicConfig> list();

  /** Removes a topic and forgets its messages. Nothing happens if there is none. */
  void delete(String topic);
}
