package io.escrowmq.spi.storage;

/**
 * A row of a table.
 *
 * @param version positive; every put gives the row a version it never had before
 */
public record TableRow(Bytes key, Bytes value, long version) {}
