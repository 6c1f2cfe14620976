package io.escrowmq.migration;

/**
 * A broker of the source.
 *
 * @param name what it shares with its replicas
 * @param address {@code host:port} of its master
 */
record SourceBroker(String name, String address) {}
