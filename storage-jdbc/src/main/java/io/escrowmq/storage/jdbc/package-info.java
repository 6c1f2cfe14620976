/**
 * The storage engine on a relational database: the same contract as the commitlog, kept in tables
 * that a database administrator can read, back up and audit.
 *
 * <p><b>Where to start.</b> {@code JdbcStorage} puts the parts together. A write goes {@code
 * Intake} (prepared on the caller's thread) to {@code Writer} (one thread; takes everything that is
 * pending as one group) to {@code GroupWork} (what each batch means, judged against rows read in
 * the same transaction) to {@code Flush} (the group as a few set-based statements) to one commit.
 * {@code WriterSession} is the writer's connection with the ownership that comes with it: the row
 * {@code mq_store} is updated in every transaction and carries the owner's epoch (a server that
 * lost the store cannot write) and the number of the last group (after a lost connection the engine
 * looks there whether its commit happened). Reads go through {@code Readers}, a connection pool;
 * bounds of queues come from memory ({@code Heads}).
 *
 * <p>What differs between databases is in a {@code Dialect}; the tables are described in {@code
 * docs/formats/jdbc.md}.
 */
@NullMarked
package io.escrowmq.storage.jdbc;

import org.jspecify.annotations.NullMarked;
