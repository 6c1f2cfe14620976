package io.escrowmq.storage.jdbc;

/**
 * A queue as committed.
 *
 * @param id the number that its messages carry
 * @param min first readable offset
 * @param next the offset that the next message gets
 */
record QueueHead(int id, long min, long next) {}
