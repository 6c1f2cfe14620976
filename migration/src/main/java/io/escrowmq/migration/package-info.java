/**
 * Copies what a running RocketMQ cluster holds into the store of a server to be: a client of the
 * cluster on one side, a storage engine on the other, and a plan, a copy and a comparison between
 * them. What was copied so far is kept in the target with every batch, so that a run can be
 * repeated at any time and goes on where the last one was.
 */
@NullMarked
package io.escrowmq.migration;

import org.jspecify.annotations.NullMarked;
