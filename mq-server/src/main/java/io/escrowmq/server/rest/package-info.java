/**
 * The REST API v1: topics, groups, messages and the state of the server, for operators and the
 * command line client.
 *
 * <p>Start at {@link io.escrowmq.server.rest.TopicController}. Every controller calls the broker's
 * door and translates; errors become problem+json with a stable {@code code} and a {@code hint} in
 * {@link io.escrowmq.server.rest.ApiErrors}.
 */
@NullMarked
package io.escrowmq.server.rest;

import org.jspecify.annotations.NullMarked;
