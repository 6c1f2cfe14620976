package io.escrowmq.spi.protocol;

import java.util.OptionalInt;

/**
 * A consumer gives a message back for a later attempt.
 *
 * @param position address of the message
 * @param messageId what the consumer calls the message, its unique key or its offset id; empty if
 *     it did not say. An address may have changed its meaning since the consumer got it: when the
 *     store was moved
 * @param delayLevel 0: by the number of attempts; negative: straight to the dead letters; else the
 *     level
 * @param maxReconsumeTimes the client's own limit
 */
public record SendBackRequest(
    String consumerGroup,
    long position,
    String messageId,
    int delayLevel,
    OptionalInt maxReconsumeTimes) {}
