package io.escrowmq.spi.storage;

/**
 * A hold without its body.
 *
 * @param queue where the message appears when released
 * @param heldAtMs when it was first held, milliseconds since the epoch
 * @param wakeAtMs next wake-up, or {@link Mutation.Hold#NEVER}
 * @param attributes as last given by hold or reschedule
 */
public record HoldEntry(
    HoldId id, QueueId queue, HoldKind kind, long heldAtMs, long wakeAtMs, Bytes attributes) {}
