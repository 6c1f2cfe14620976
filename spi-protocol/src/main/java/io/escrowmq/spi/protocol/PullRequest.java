package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.QueueId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A consumer asks for messages of a queue.
 *
 * @param clientId empty if the protocol does not know it
 * @param maxMessages the client's wish; the broker's own limits apply too
 * @param maxBytes the client's wish; {@link Integer#MAX_VALUE} for none
 * @param commitOffset the group's offset to be stored on the way
 * @param suspendMs how long the broker may wait for a message; 0 for not at all
 * @param subscription given inline; empty: use the one from the group's heartbeat
 * @param subscriptionVersion to detect that the broker's knowledge is stale
 */
public record PullRequest(
    ClientConnection connection,
    String clientId,
    String consumerGroup,
    QueueId queue,
    long offset,
    int maxMessages,
    int maxBytes,
    OptionalLong commitOffset,
    long suspendMs,
    Optional<Subscription> subscription,
    long subscriptionVersion) {}
