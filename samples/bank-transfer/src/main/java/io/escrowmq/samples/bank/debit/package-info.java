/**
 * The paying side: takes money from an account in its own database and sends a message that becomes
 * visible exactly when that database transaction commits. Start at {@link
 * io.escrowmq.samples.bank.debit.DebitService}; the rule that makes check-back safe is in {@link
 * io.escrowmq.samples.bank.debit.TransactionJournal}.
 */
@NullMarked
package io.escrowmq.samples.bank.debit;

import org.jspecify.annotations.NullMarked;
