/**
 * The storage engine on a relational database: the same contract as the commitlog, kept in tables
 * that a database administrator can read, back up and audit.
 *
 * <p><b>Where to start.</b> {@code JdbcStorage} puts the parts together. A write goes {@code
 * Intake} (prepared on the caller's thread) to {@code Writer} (one thread; takes everything that is
 * pending as one group) to {@code GroupWork} (what each batch means, judged against rows read in
 * the same transaction) to {@code Flush} (the group as a few set-based statements) to one commit.
 * {@code WriterSession} is the writer's connection with the ownership that comes with it: every
 * transaction adds the row of its group to {@code mq_group} ({@code GroupLog}), which fails if the
 * store went on without this server (a server that lost the store cannot write) and which tells
 * after a lost connection whether the commit happened. Reads go through {@code Readers}, a
 * connection pool; bounds of queues ({@code Heads}) and the newest messages ({@code TailCache})
 * come from memory. {@code Watchdog} answers writes while the database hangs.
 *
 * <p>No row is updated by every commit, and no look begins among rows that were deleted: while
 * somebody's old snapshot is open, the database keeps every old row version, and both would become
 * slower from minute to minute.
 *
 * <p>What differs between databases is in a {@code Dialect}; the tables are described in {@code
 * docs/formats/jdbc.md}.
 */
@NullMarked
package io.escrowmq.storage.jdbc;

import org.jspecify.annotations.NullMarked;
