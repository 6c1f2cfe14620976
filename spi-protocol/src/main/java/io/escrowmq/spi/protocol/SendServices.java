package io.escrowmq.spi.protocol;

import java.util.concurrent.CompletionStage;

/** Everything that brings messages in. Non-blocking: safe on an event loop. */
public interface SendServices {

  /** Stores a message: plain, delayed, half, or a retry, as its properties and topic say. */
  CompletionStage<SendReceipt> send(SendRequest request);

  /** Stores several messages for one queue, all or none. */
  CompletionStage<SendReceipt> sendBatch(BatchSendRequest request);

  /** Schedules another attempt of a consumed message, or moves it to the dead letters. */
  CompletionStage<Void> sendBack(SendBackRequest request);

  /**
   * Passes an answer to the client that asked (request-reply).
   *
   * @return completes with the receipt once the asking client's connection took it; fails with
   *     {@link ErrorCode#CONSUMER_NOT_ONLINE} if that client is not connected
   */
  CompletionStage<SendReceipt> reply(SendRequest request);

  /**
   * Takes a delayed message back before its delivery.
   *
   * @return its unique key; fails with {@link ErrorCode#ILLEGAL_OPERATION} if the handle is
   *     malformed or the message was delivered already
   */
  CompletionStage<String> recall(String topic, String recallHandle);

  /** Ending transactions that began with a send. */
  TransactionServices transactions();

  /** Transactions of several messages. */
  JointServices joint();
}
