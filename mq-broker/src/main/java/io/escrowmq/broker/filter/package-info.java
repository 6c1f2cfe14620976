/**
 * Which messages of a topic a consumer group wants: by tags, or by a SQL92 expression over the
 * message's properties.
 *
 * <p>Start at {@link io.escrowmq.broker.filter.Filters}, which compiles an expression once and
 * shares the result. {@code Lexer} and {@code Parser} turn text into the tree {@code Expression},
 * {@code Evaluation} asks the tree about one message.
 */
@NullMarked
package io.escrowmq.broker.filter;

import org.jspecify.annotations.NullMarked;
