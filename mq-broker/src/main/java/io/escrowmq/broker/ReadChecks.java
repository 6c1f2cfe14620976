package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.TopicConfig;

/** What is asked of everybody who wants messages. Thread-safe. */
record ReadChecks(GroupTable groups, Topics topics, Throttle throttle) {

  /** Creates the group if it is missing and that is allowed; may block. */
  void ensure(String group) {
    groups.ensure(group, topics);
  }

  /** The topic, if it exists and may be read; else a refusal. */
  TopicConfig readable(String name) {
    TopicConfig topic = topics.require(name);
    if (!topic.readable()) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "topic " + topic.name() + " may not be read",
          "Give it the read permission.");
    }
    return topic;
  }

  /** Refuses a group that was switched off, or that may not read the topic. */
  void mayConsume(String group, String topic) {
    GroupConfig config = groups.stored(group);
    if (config != null && !config.consumes()) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "group " + group + " may not consume",
          "An operator switched it off; switch it on again (mqadmin updateSubGroup -s true).");
    }
    if (groups.bans().forbid(group, topic)) {
      throw new BrokerException(
          ErrorCode.NO_PERMISSION,
          "group " + group + " may not read topic " + topic,
          "An operator forbade it; the same request (353) allows it again.");
    }
  }
}
