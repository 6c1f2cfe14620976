/**
 * Transactions of several messages: add messages to any topics, run the local transaction, decide
 * once. Over the official RocketMQ client; begin with {@link
 * io.escrowmq.client.EscrowTransactions}.
 */
@NullMarked
package io.escrowmq.client;

import org.jspecify.annotations.NullMarked;
