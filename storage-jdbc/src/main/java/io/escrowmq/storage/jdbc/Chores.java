package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Hands care of the store to the writer thread, between its groups. */
record Chores(Intake intake) {

  /**
   * Waits until the writer has done it; true if there is more to do.
   *
   * @throws StorageException if it failed
   */
  boolean run(Job.Work work) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    intake.add(new Job.Chore(work, done));
    try {
      return done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StorageException cause ? cause : e;
    }
  }
}
