/**
 * For consumers with a database: the effects of a message and the note that it was worked on are
 * one local transaction, so that a message that comes twice has its effects once. Start at {@link
 * io.escrowmq.inbox.Inbox}.
 */
@NullMarked
package io.escrowmq.inbox;

import org.jspecify.annotations.NullMarked;
