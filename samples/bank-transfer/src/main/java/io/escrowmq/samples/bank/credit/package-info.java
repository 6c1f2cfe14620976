/**
 * The receiving side: adds the money to an account in its own database, once per transfer however
 * often the message is delivered. Start at {@link io.escrowmq.samples.bank.credit.CreditService}.
 */
@NullMarked
package io.escrowmq.samples.bank.credit;

import org.jspecify.annotations.NullMarked;
