package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Consumption without owning queues: whoever asks gets messages for a time and acknowledges each.
 * What is not acknowledged in time is given out again, and after the group's last attempt goes to
 * its dead letters. Thread-safe.
 *
 * <p>May block for I/O before a stage is returned: call on virtual threads. Waiting holds no
 * thread. Stages may complete on any thread, and only when what they tell is as durable as the
 * store is configured to be.
 */
public interface PopServices {

  /** Messages for this consumer, or none within the waiting time. */
  CompletionStage<PopAnswer> pop(PopRequest request);

  /**
   * The consumer is done with these messages.
   *
   * @return one outcome per delivery, in their order
   */
  CompletionStage<List<Delivery.Outcome>> ack(String consumerGroup, List<Delivery> deliveries);

  /**
   * The message becomes visible to the group after this time from now instead. A consumer that says
   * 0 gives it back and leaves the time to the group's {@link RetryPolicy}: at once where that is
   * {@link RetryPolicy#LEVELS}.
   *
   * @param invisibleMs milliseconds, not negative; the broker's own limits apply too
   */
  CompletionStage<Changed> changeInvisible(
      String consumerGroup, Delivery delivery, long invisibleMs);

  /**
   * Whether a pop like this would find something, waiting for it if asked to. Nothing is handed
   * over. Behind very many messages that the filter does not want, the answer may be yes when it is
   * not known yet: the pop that follows moves over them.
   */
  CompletionStage<Boolean> hasMessages(PopRequest request);

  /** The messages that a pop would find, without handing them over. Never waits. */
  CompletionStage<PopAnswer> peek(PopRequest request);

  /**
   * Requests of the group that wait for messages of the topic.
   *
   * @param queue those that want this queue; {@link PopRequest#ANY_QUEUE} for those that want any
   */
  int waiting(String consumerGroup, String topic, int queue);

  /** Which groups pop and which pull, by topic. */
  RequestModes modes();

  /**
   * What became of a change.
   *
   * @param lease the new one, which replaces the delivery; that of the delivery if nothing changed
   */
  record Changed(Delivery.Outcome outcome, PopLease lease) {}
}
