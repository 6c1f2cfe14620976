package io.escrowmq.spi.protocol;

import java.util.Optional;

/**
 * A consumer asks for messages that are then invisible to the other members of its group until it
 * acknowledges them or the time is over.
 *
 * @param queue queue number, {@link #ANY_QUEUE} for whichever has something
 * @param stride of {@link #ANY_QUEUE}, only these
 * @param maxMessages the client's wish; the broker's own limits apply too
 * @param invisibleMs how long the messages are for this consumer only, milliseconds; the broker's
 *     own limits apply too
 * @param waitMs how long the broker may wait for a message; 0 for not at all
 * @param fromEnd a group that has no offset yet begins with what comes from now on, else with the
 *     oldest message. A queue that never lost a message is read from its beginning either way, as
 *     {@link OffsetServices#committed} does for pulls
 * @param subscription what the group wants; empty for everything
 * @param ordered give a queue's next messages only when every earlier one is acknowledged or its
 *     time is over
 * @param attemptId names this request when it is sent again after its answer got lost: an ordered
 *     request with the id of the last one gets the same messages again. Empty for none
 */
public record PopRequest(
    ClientConnection connection,
    String consumerGroup,
    String topic,
    int queue,
    QueueStride stride,
    int maxMessages,
    long invisibleMs,
    long waitMs,
    boolean fromEnd,
    Optional<Subscription> subscription,
    boolean ordered,
    String attemptId) {

  /** Any queue of the topic. */
  public static final int ANY_QUEUE = -1;

  /** Whether messages of this queue would do. */
  public boolean wants(int number) {
    return queue == ANY_QUEUE ? stride.has(number) : queue == number;
  }

  /** Longest attempt id in characters. */
  public static final int MAX_ATTEMPT_ID_LENGTH = 255;
}
