package io.escrowmq.benchmarks;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A server to measure.
 *
 * @param name what the figures are headed with
 * @param nameServer what clients are configured with, {@code host:port}
 * @param cpu CPU time its process has used so far; zero if it is not known
 */
record Target(String name, String nameServer, Supplier<Duration> cpu) {}
