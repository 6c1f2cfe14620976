/**
 * One broker under several names: clients and tools see as many brokers as there are names, each
 * with its own listener and its own share of every topic's queues. Behind them is one broker and
 * one store, so nothing moves when names come or go: a queue is only called otherwise. Start at
 * {@link io.escrowmq.node.names.NamedBroker}.
 */
@NullMarked
package io.escrowmq.node.names;

import org.jspecify.annotations.NullMarked;
