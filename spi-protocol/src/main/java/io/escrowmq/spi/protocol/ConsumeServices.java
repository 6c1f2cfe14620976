package io.escrowmq.spi.protocol;

import io.escrowmq.spi.storage.QueueId;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Pulling and popping messages, and locks for orderly consumption. */
public interface ConsumeServices {

  /**
   * Reads, or waits until there is something to read. May block for I/O before it returns (call it
   * on a virtual thread); the waiting itself holds no thread. The stage may complete on any thread.
   */
  CompletionStage<PullAnswer> pull(PullRequest request);

  /**
   * Locks queues for one client of a group, or renews its locks. A lock lasts 60 s.
   *
   * @return the queues that this client has locked now
   */
  Set<QueueId> lock(String consumerGroup, String clientId, Collection<QueueId> queues);

  /** Gives locks back. Queues locked by others stay as they are. */
  void unlock(String consumerGroup, String clientId, Collection<QueueId> queues);

  /** Consumption without owning queues, with an acknowledgement for each message. */
  PopServices popping();

  /** Order among members that take queues over from each other. */
  QueueHandover handover();
}
