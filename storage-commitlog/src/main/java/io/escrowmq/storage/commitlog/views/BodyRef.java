package io.escrowmq.storage.commitlog.views;

/**
 * Where a message's bytes are.
 *
 * @param position of the record in the log
 * @param offset of the message within the record
 * @param size of the message
 */
public record BodyRef(long position, int offset, int size) {}
