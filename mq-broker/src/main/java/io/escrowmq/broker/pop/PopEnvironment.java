package io.escrowmq.broker.pop;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TimeSource;
import java.util.concurrent.Executor;

/**
 * Where POP runs.
 *
 * @param time the only clock
 * @param timer for what must happen later
 * @param workers for what may block; a virtual thread per task
 * @param host the rest of the broker
 */
public record PopEnvironment(
    Storage storage, TimeSource time, PopTimer timer, Executor workers, PopHost host) {}
