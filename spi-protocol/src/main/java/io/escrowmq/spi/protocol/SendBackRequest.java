package io.escrowmq.spi.protocol;

import java.util.OptionalInt;

/**
 * A consumer gives a message back for a later attempt.
 *
 * @param position address of the message
 * @param delayLevel 0: by the number of attempts; negative: straight to the dead letters; else the
 *     level
 * @param maxReconsumeTimes the client's own limit
 */
public record SendBackRequest(
    String consumerGroup, long position, int delayLevel, OptionalInt maxReconsumeTimes) {}
