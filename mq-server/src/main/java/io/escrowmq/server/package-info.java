/**
 * The product: a Spring Boot application around one node.
 *
 * <p>Start at {@link io.escrowmq.server.EscrowServer} (the process), then {@link
 * io.escrowmq.server.NodeLifecycle} (when the node starts and stops). Settings live in {@code
 * settings}, the REST API in {@code rest}, the command line client in {@code cli}. Nothing here
 * delivers messages: that is the broker's business, reached through {@link
 * io.escrowmq.node.EscrowNode}.
 */
@NullMarked
package io.escrowmq.server;

import org.jspecify.annotations.NullMarked;
