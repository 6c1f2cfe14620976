package io.escrowmq.tx;

import java.util.Optional;

/**
 * A wish to end a transaction.
 *
 * @param producerGroup compared with the group that sent the half message, except for {@link
 *     Decider.Kind#OPERATOR} and {@link Decider.Kind#POLICY}
 * @param decision empty: the producer does not know yet
 * @param decider who says so
 */
public record EndRequest(
    Handle handle, String producerGroup, Optional<Decision> decision, Decider decider) {}
