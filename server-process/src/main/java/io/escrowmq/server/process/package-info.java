/**
 * A server as a child process, for tests and benchmarks that must see it as a user does: by its
 * jar, its ports and its log. Start at {@link io.escrowmq.server.process.ServerProcess}. Never part
 * of the product.
 */
@NullMarked
package io.escrowmq.server.process;

import org.jspecify.annotations.NullMarked;
