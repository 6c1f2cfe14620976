package io.escrowmq.protocol.remoting.request;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;

/**
 * Requests about transactions of several messages; {@code docs/formats/native-transactions.md} is
 * their description for clients.
 */
public sealed interface JointCommand {

  /** Who asks: only the group that opened a transaction may use it. */
  String producerGroup();

  /**
   * Request 30001: begin, or find what was begun under this key.
   *
   * @param immunitySeconds time until the first question
   */
  record Open(String producerGroup, String key, OptionalInt immunitySeconds)
      implements JointCommand {}

  /** Request 30002: one more message. */
  record Add(String transactionId, int sequence, RemotingRequest.Send message)
      implements JointCommand {
    @Override
    public String producerGroup() {
      return message.producerGroup();
    }
  }

  /**
   * Request 30003: the decision about all of them.
   *
   * @param named the numbers of the messages that a commit is about; empty for whatever was added
   */
  record Decide(
      String transactionId,
      String producerGroup,
      RemotingRequest.EndTransaction.Decision decision,
      Optional<SortedSet<Integer>> named,
      boolean fromCheck)
      implements JointCommand {}

  /** Request 30004: how does it stand? */
  record View(String transactionId, String producerGroup) implements JointCommand {}
}
