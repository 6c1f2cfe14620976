/**
 * Answers for a business database whether a local transaction was committed, by a tombstone in its
 * journal table.
 *
 * <p>Start at {@link io.escrowmq.storage.jdbc.journal.JournalCheck}.
 */
@NullMarked
package io.escrowmq.storage.jdbc.journal;

import org.jspecify.annotations.NullMarked;
