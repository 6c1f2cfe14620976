/**
 * The transaction coordinator: decides held messages exactly once and asks producers about the ones
 * nobody decided.
 *
 * <p>Start at {@link io.escrowmq.tx.TransactionCoordinator}. What is decided, and with which atomic
 * batch, is in the pure class {@code Decisions}; when producers are asked is in {@code
 * CheckScheduler}. All state is in the store: the attributes of a hold ({@code HoldAttributes}) and
 * the terminal memory of the engine. The coordinator knows no network; questions leave through
 * {@link io.escrowmq.tx.CheckChannel}, which the broker implements.
 */
@NullMarked
package io.escrowmq.tx;

import org.jspecify.annotations.NullMarked;
