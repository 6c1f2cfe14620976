package io.escrowmq.spi.protocol;

/**
 * The two numbers that name a transaction on the wire: in RocketMQ remoting the queue offset
 * ({@code tranStateTableOffset}) and the commit log offset of the send answer. Both are 0 or
 * greater.
 */
public record TransactionHandle(long queueOffset, long commitLogOffset) {}
