package io.escrowmq.storage.jdbc;

/**
 * What the owner of a store knows without asking the database.
 *
 * @param heads of all queues
 * @param tail the newest messages
 * @param floors where looks for due holds begin
 * @param buckets what the messages are kept in
 */
record Known(Heads heads, TailCache tail, DueFloors floors, Buckets buckets) {}
