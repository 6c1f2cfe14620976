package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.QueueId;
import java.util.concurrent.CompletionStage;

/**
 * Queues that change hands while the members of a group share them out anew. A member that gets a
 * queue begins where the group has committed; if it asks before the former owner has said how far
 * it got, it gets again what that one has consumed. So its question waits a moment.
 *
 * <p>Thread-safe; never blocks. Whoever is no member of the group, or takes every message for
 * itself, is let through.
 */
public interface QueueHandover {

  /** A member asks who the others are: what it commits from now on may be its last word. */
  void shares(String consumerGroup, String clientId);

  /** A client committed an offset of the queue, not on the way with a pull. */
  void committed(String consumerGroup, String clientId, QueueId queue);

  /**
   * A client asks where to begin with the queue, and is its owner from the answer on.
   *
   * @return completes, always normally, when the former owner committed or left, at once if there
   *     is none, and at the latest two seconds after the membership changed
   */
  CompletionStage<Void> turn(String consumerGroup, String clientId, QueueId queue);
}
