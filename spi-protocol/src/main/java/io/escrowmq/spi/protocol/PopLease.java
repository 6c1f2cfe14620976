package io.escrowmq.spi.protocol;

/**
 * For how long a consumer has messages for itself.
 *
 * @param popTimeMs since when, milliseconds since the epoch
 * @param invisibleMs for how long, milliseconds
 * @param generation number of the hand-over; not negative, never 999, which clients of Apache
 *     RocketMQ read as a mark of their own
 */
public record PopLease(long popTimeMs, long invisibleMs, int generation) {}
