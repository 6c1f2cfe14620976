package io.escrowmq.broker.pop;

import io.escrowmq.broker.filter.MessageFilter;

/**
 * What a request wants of one queue.
 *
 * @param max most messages, at least 1
 * @param lease names the hand-over
 * @param visibleAtMs when the messages may be handed out again
 * @param fromEnd where a group without offset begins
 */
record Order(
    int max,
    LeaseId lease,
    long visibleAtMs,
    MessageFilter filter,
    boolean fromEnd,
    boolean ordered,
    String attemptId) {}
