package io.escrowmq.tx;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;

/**
 * A message to add to a joint transaction.
 *
 * @param transaction what {@link JointTransactions#open} gave
 * @param sequence the producer's number of this message within the transaction, 0 to {@link
 *     JointTransactions#MAX_HOLDS} - 1; messages of one queue appear in the order of their numbers
 * @param queue where the message appears when committed
 * @param properties as the producer sent them; with topic and body they tell a repeated add from a
 *     different message under the same number
 * @param body the message body, read only for that comparison
 * @param deliverAtMs earliest time to become visible after the commit, milliseconds since the
 *     epoch; 0 for at once
 * @param message complete, as consumers shall see it; its topic and queue equal {@code queue}
 */
public record JointMessage(
    Handle transaction,
    String producerGroup,
    int sequence,
    QueueId queue,
    String properties,
    ByteBuffer body,
    long deliverAtMs,
    Message message) {

  public JointMessage {
    if (sequence < 0 || sequence >= JointTransactions.MAX_HOLDS) {
      throw new IllegalArgumentException(
          "the number of a message in its transaction is 0 to "
              + (JointTransactions.MAX_HOLDS - 1)
              + ": "
              + sequence);
    }
    if (deliverAtMs < 0) {
      throw new IllegalArgumentException("deliverAtMs must not be negative: " + deliverAtMs);
    }
  }
}
