/**
 * One EscrowMQ node in plain Java: an engine and protocols found through {@link
 * java.util.ServiceLoader}, the broker between them, and their life cycle.
 *
 * <p>Start at {@link io.escrowmq.node.EscrowNode}. A test or an application embeds a node with
 * {@code EscrowNode.start(NodeSettings.defaults(directory))}; the server wraps the same class in
 * configuration, health and metrics. {@link io.escrowmq.node.NodeStartException} is how a node says
 * why it does not start and what to do.
 *
 * <p>{@link io.escrowmq.node.EscrowCluster} is the other way to start: one of several servers on a
 * shared store. {@link io.escrowmq.node.ShardKeeper} keeps its leases; each shard it owns is an
 * {@code EscrowNode}.
 */
@NullMarked
package io.escrowmq.node;

import org.jspecify.annotations.NullMarked;
