package io.escrowmq.broker.pop;

/**
 * Bounds on what clients may ask for.
 *
 * @param maxMessages most messages in one answer
 * @param maxBytes most bytes of messages read for one answer from one queue; one larger message is
 *     still given alone
 * @param maxWaiting requests that may wait at once
 * @param maxWaitMs longest waiting time, milliseconds
 * @param maxInvisibleMs longest time that a message can be invisible, milliseconds: what a consumer
 *     that died can hold up a group in order at most
 * @param maxInFlight messages of a queue that a group may have out at once; beyond it only those
 *     that come back are handed out
 * @param lazyWriteMs how long a cursor that moved over unwanted messages may stay in memory,
 *     milliseconds
 */
public record PopLimits(
    int maxMessages,
    int maxBytes,
    int maxWaiting,
    long maxWaitMs,
    long maxInvisibleMs,
    int maxInFlight,
    long lazyWriteMs) {}
