/**
 * The demo around the two services: it starts a server and the databases, makes transfers, breaks
 * things on purpose and counts the money. Start at {@link io.escrowmq.samples.bank.BankTransfer} to
 * see how it runs; to learn how an application uses transactional messages, read the packages
 * {@code debit} and {@code credit} instead: they are the two services, and nothing in them knows
 * that it is part of a demo.
 */
@NullMarked
package io.escrowmq.samples.bank;

import org.jspecify.annotations.NullMarked;
