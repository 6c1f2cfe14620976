package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A batch on its way, with messages of its own.
 *
 * @param hashes per mutation what its message is found by; empty if it appends none
 * @param bytes what it takes in the queue
 * @param sync whether the receipt waits for the device
 */
record Submission(
    List<Mutation> mutations,
    List<long[]> hashes,
    long bytes,
    boolean sync,
    CompletableFuture<WriteReceipt> receipt) {}
