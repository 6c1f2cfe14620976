package io.escrowmq.broker;

import io.escrowmq.spi.protocol.TopicConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A topic whose row is being written, and the sends that wait for it. They go on in the order in
 * which they came: a producer that does not wait for answers expects that. Thread-safe.
 */
final class TopicCreation {

  private final TopicConfig topic;
  private final Object lock = new Object();
  private List<CompletableFuture<TopicConfig>> waiting = new ArrayList<>();
  private boolean published;
  private @Nullable Throwable failure;

  TopicCreation(TopicConfig topic) {
    this.topic = topic;
  }

  /** Completes once the topic exists. */
  CompletableFuture<TopicConfig> join() {
    CompletableFuture<TopicConfig> mine = new CompletableFuture<>();
    synchronized (lock) {
      if (failure != null) {
        mine.completeExceptionally(failure);
      } else if (published) {
        mine.complete(topic);
      } else {
        waiting.add(mine);
      }
    }
    return mine;
  }

  /**
   * The row is durable.
   *
   * @param publish lets later sends find the topic by themselves; runs when no earlier one waits
   */
  void succeeded(Runnable publish) {
    while (true) {
      List<CompletableFuture<TopicConfig>> batch;
      synchronized (lock) {
        if (waiting.isEmpty()) {
          publish.run();
          published = true;
          return;
        }
        batch = waiting;
        waiting = new ArrayList<>();
      }
      batch.forEach(one -> one.complete(topic));
    }
  }

  /** The row could not be written. */
  void failed(Runnable forget, Throwable why) {
    List<CompletableFuture<TopicConfig>> all;
    synchronized (lock) {
      forget.run();
      failure = why;
      all = waiting;
      waiting = new ArrayList<>();
    }
    all.forEach(one -> one.completeExceptionally(why));
  }
}
