package io.escrowmq.client;

import java.util.List;
import java.util.Map;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.jspecify.annotations.Nullable;

/** The way to the brokers. Thread-safe. */
interface Requests {

  /** The queues of the topic, on all brokers; none if there is no such topic. */
  List<MessageQueue> queues(String topic);

  /**
   * Sends until there is an answer that decides.
   *
   * @param topic a topic of that broker: whose route tells where it is
   * @return the answer to a request that succeeded
   */
  RemotingCommand call(
      String broker, String topic, int code, Map<String, String> fields, byte @Nullable [] body)
      throws EscrowException;
}
