/**
 * Transactions as operators see them: what is open, what was decided by whom, and decisions by
 * hand.
 *
 * <p>Start at {@link io.escrowmq.spi.protocol.transactions.TransactionDesk}.
 */
@NullMarked
package io.escrowmq.spi.protocol.transactions;

import org.jspecify.annotations.NullMarked;
