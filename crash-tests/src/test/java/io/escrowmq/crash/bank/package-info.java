/**
 * The bank campaign: transfers between two databases in a real PostgreSQL by sender and receiver
 * services in child JVMs, with kills and pauses of everything that takes part, and an auditor who
 * looks at the money all the time.
 *
 * <p>Start at {@link io.escrowmq.crash.bank.BankCampaign}. The services are those of the sample
 * {@code bank-transfer}; faults come between every two of their statements.
 */
@NullMarked
package io.escrowmq.crash.bank;

import org.jspecify.annotations.NullMarked;
