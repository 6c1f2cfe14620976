/**
 * What the two services have in common: the message they exchange ({@link
 * io.escrowmq.samples.bank.contract.Transfer}), where they exchange it, and the one thing about SQL
 * that both need.
 */
@NullMarked
package io.escrowmq.samples.bank.contract;

import org.jspecify.annotations.NullMarked;
