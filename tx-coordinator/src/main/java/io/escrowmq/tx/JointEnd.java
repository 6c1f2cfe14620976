package io.escrowmq.tx;

import java.util.Optional;
import java.util.SortedSet;

/**
 * A wish to decide a joint transaction.
 *
 * @param producerGroup compared with the group that opened it, except for operators and policies
 * @param named for a commit, the numbers of the messages that become visible: all of them must be
 *     there, and what was added beside them is dropped. Empty: whatever was added. Means nothing
 *     for a rollback
 * @param decider who says so
 */
public record JointEnd(
    Handle transaction,
    String producerGroup,
    Decision decision,
    Optional<SortedSet<Integer>> named,
    Decider decider) {}
