package io.escrowmq.spi.storage;

/** A hold with an owned copy of its message (queue offset and position are not stamped yet). */
public record HeldMessage(HoldEntry entry, Message message) {}
