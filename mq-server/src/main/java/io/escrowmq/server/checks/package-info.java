/**
 * Ways to find out about transactions without a connected producer: a service of the producer group
 * that is asked over HTTP, or the journal table in its database.
 *
 * <p>Start at {@link io.escrowmq.server.checks.ChecksFile}.
 */
@NullMarked
package io.escrowmq.server.checks;

import org.jspecify.annotations.NullMarked;
