package io.escrowmq.storage.commitlog.views;

/**
 * Where a visible message is.
 *
 * @param position its address, unique in the store
 */
public record IndexEntry(BodyRef body, long position, long storeTimeMs) {}
