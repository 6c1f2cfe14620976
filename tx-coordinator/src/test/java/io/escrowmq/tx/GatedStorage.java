package io.escrowmq.tx;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A store whose writes can be kept back and let go in another order: makes races that last
 * nanoseconds in life happen every time in tests.
 */
final class GatedStorage extends ForwardingStorage {

  private final List<Waiting> waiting = new ArrayList<>();
  private boolean shut;

  private record Waiting(WriteBatch batch, CompletableFuture<WriteReceipt> receipt) {}

  GatedStorage(Storage inner) {
    super(inner);
  }

  synchronized void shut() {
    shut = true;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** Lets everything go, in random order. */
  void open(Random random) {
    List<Waiting> released;
    synchronized (this) {
      shut = false;
      released = new ArrayList<>(waiting);
      waiting.clear();
    }
    Collections.shuffle(released, random);
    for (Waiting it : released) {
      super.write(it.batch())
          .whenComplete((receipt, error) -> {
            if (error == null) {
              it.receipt().complete(receipt);
            } else {
              it.receipt().completeExceptionally(error);
            }
          });
    }
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    synchronized (this) {
      if (shut) {
        Waiting it = new Waiting(batch, new CompletableFuture<>());
        waiting.add(it);
        return it.receipt();
      }
    }
    return super.write(batch);
  }
}
