package io.escrowmq.protocol.remoting.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What consumers that pop ask, and those that ask the server for their share of a topic. */
public sealed interface PopCommand {

  /**
   * Request 200050: messages for some time.
   *
   * @param queue -1 for any
   * @param invisibleMs how long the messages are for this consumer only, milliseconds
   * @param pollMs how long the server may wait for a message, milliseconds. The client's clock
   *     ({@code bornTime}) is not asked: a client whose clock is behind would be answered at once,
   *     for ever
   * @param fromEnd a group without offset begins at the end
   */
  record Pop(
      String group,
      String topic,
      int queue,
      int maxMessages,
      long invisibleMs,
      long pollMs,
      boolean fromEnd,
      @Nullable String expressionType,
      @Nullable String expression,
      boolean ordered,
      String attemptId)
      implements PopCommand {}

  /** Request 200051: done with a message. */
  record Ack(String group, PoppedMessage message) implements PopCommand {}

  /** Request 200151: done with several messages. */
  record BatchAck(List<Ack> acks) implements PopCommand {}

  /** Request 200053: visible again after this time from now, milliseconds. */
  record ChangeInvisible(String group, PoppedMessage message, long invisibleMs)
      implements PopCommand {}

  /** Request 200054: tell me when there is something. */
  record Notification(
      String group,
      String topic,
      int queue,
      long pollMs,
      @Nullable String expressionType,
      @Nullable String expression,
      boolean ordered,
      String attemptId)
      implements PopCommand {}

  /** Request 200055: how many wait. */
  record PollingInfo(String group, String topic, int queue) implements PopCommand {}

  /** Request 200052: messages, without taking them. */
  record Peek(String group, String topic, int queue, int maxMessages) implements PopCommand {}

  /** Request 400: which queues are mine, and how do I read them. */
  record QueryAssignment(
      String group, String topic, String clientId, String strategy, boolean broadcasting)
      implements PopCommand {}

  /** Request 401: the members of a group pop or pull a topic. */
  record SetMode(String group, String topic, boolean pops, int sharedQueues)
      implements PopCommand {}

  /** Request 402: all that was said by request 401. */
  record AllModes() implements PopCommand {}

  /**
   * A message as its consumer names it.
   *
   * @param popTimeMs from the handle, milliseconds since the epoch
   * @param generation from the handle, where it is called {@code reviveQid}
   */
  record PoppedMessage(String topic, int queue, long offset, long popTimeMs, int generation) {}
}
