package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Puts messages into escrow until their delivery time, and takes them back. Non-blocking.
 *
 * <p>The hold's id follows from topic, unique key and delivery time, so that a recall handle finds
 * it. An application may send the same message object twice: the second copy gets the next id, and
 * a recall takes all of the first {@link #RECALLABLE_COPIES} copies back.
 */
final class DelayedMessages {

  /** Copies of one message with one delivery time that a recall can find. */
  static final int RECALLABLE_COPIES = 8;

  private final Inlet inlet;
  private final Ids ids;
  private final DelayedDelivery delivery;
  private final Counters counters;

  DelayedMessages(Inlet inlet, Ids ids, DelayedDelivery delivery, Counters counters) {
    this.inlet = inlet;
    this.ids = ids;
    this.delivery = delivery;
    this.counters = counters;
  }

  /** Holds the message, findable by its unique key. */
  CompletionStage<HoldId> hold(QueueId queue, Message message, String uniqueKey, long deliverAtMs) {
    return holdCopy(queue, message, uniqueKey, deliverAtMs, 0);
  }

  /** Holds the message under an id that nobody knows, for a later attempt. */
  CompletionStage<HoldId> holdForRetry(QueueId queue, Message message, long deliverAtMs) {
    return write(ids.fresh(), queue, message, deliverAtMs).thenApply(Held::id);
  }

  /** Takes a message back. Repeating it succeeds again. */
  CompletionStage<String> recall(RecallHandle handle) {
    WriteBatch.Builder batch = WriteBatch.builder();
    for (int copy = 0; copy < RECALLABLE_COPIES; copy++) {
      batch.add(
          new Mutation.Discard(
              Ids.ofDelayed(handle.topic(), handle.uniqueKey(), handle.deliverAtMs(), copy)));
    }
    return inlet.write(batch.build(), 0, receipt -> recalled(handle, receipt));
  }

  private String recalled(RecallHandle handle, WriteReceipt receipt) {
    boolean gone = false;
    for (Outcome outcome : receipt.outcomes()) {
      if (outcome.result() == Outcome.Result.APPLIED) {
        counters.recalled.increment();
        gone = true;
      } else if (outcome.result() == Outcome.Result.ALREADY_DISCARDED) {
        gone = true;
      }
    }
    if (!gone) {
      throw new BrokerException(
          ErrorCode.ILLEGAL_OPERATION,
          "message " + handle.uniqueKey() + " was delivered already or never delayed",
          "A message can be recalled only before its delivery time.");
    }
    return handle.uniqueKey();
  }

  private CompletionStage<HoldId> holdCopy(
      QueueId queue, Message message, String uniqueKey, long deliverAtMs, int copy) {
    HoldId id =
        copy < RECALLABLE_COPIES
            ? Ids.ofDelayed(queue.topic(), uniqueKey, deliverAtMs, copy)
            : ids.fresh();
    return write(id, queue, message, deliverAtMs)
        .thenCompose(held ->
            held.fresh()
                ? CompletableFuture.completedFuture(held.id())
                : holdCopy(queue, message, uniqueKey, deliverAtMs, copy + 1));
  }

  /** What became of a hold; not fresh: another copy has that id. */
  private record Held(HoldId id, boolean fresh) {}

  private CompletionStage<Held> write(HoldId id, QueueId queue, Message message, long deliverAtMs) {
    Mutation.Hold hold =
        new Mutation.Hold(id, queue, message, HoldKind.DELAY, deliverAtMs, Bytes.EMPTY);
    return inlet.write(
        WriteBatch.of(hold),
        message.size(),
        receipt -> {
          boolean fresh = receipt.outcome(0).result() == Outcome.Result.APPLIED;
          if (fresh) {
            counters.heldDelayed.increment();
            delivery.expect(id, deliverAtMs);
          }
          return new Held(id, fresh);
        });
  }
}
