package io.escrowmq.spi.storage;

/**
 * A hold that was released or discarded, as long as that is remembered.
 *
 * @param status released or discarded
 */
public record DecidedHold(HoldId id, HoldStatus status) {}
