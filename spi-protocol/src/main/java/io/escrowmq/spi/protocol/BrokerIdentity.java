package io.escrowmq.spi.protocol;

import java.net.InetSocketAddress;

/**
 * Who a broker is to its clients.
 *
 * @param cluster cluster name; also a routable topic name
 * @param name broker name; also a routable topic name
 * @param region the MSG_REGION that producers are told
 * @param address the advertised address, resolved
 */
public record BrokerIdentity(
    String cluster, String name, String region, InetSocketAddress address) {}
