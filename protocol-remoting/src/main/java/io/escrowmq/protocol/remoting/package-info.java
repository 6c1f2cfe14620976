/**
 * The RocketMQ remoting protocol for official 4.x and 5.x clients, as an adapter over the protocol
 * SPI. Name server and broker are one process here: every listener answers every request. Start
 * with {@link io.escrowmq.protocol.remoting.RemotingProtocolProvider}; a request travels from
 * {@link io.escrowmq.protocol.remoting.RemotingConnection} (one per connection: back pressure,
 * answers) through {@link io.escrowmq.protocol.remoting.RequestDispatcher} (which request is whose)
 * to one of the {@code *Requests} classes (what it means to the broker). To add a request: a record
 * in {@code RemotingRequest}, a case in the parser, a case in the dispatcher.
 */
@NullMarked
package io.escrowmq.protocol.remoting;

import org.jspecify.annotations.NullMarked;
