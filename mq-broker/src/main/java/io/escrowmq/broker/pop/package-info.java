/**
 * POP: consumption without owning queues. A group has a cursor per queue and, for every message
 * handed out and not yet acknowledged, a lease with an end and a generation; both are rows of the
 * store ({@link io.escrowmq.broker.pop.PopRows}), written in one batch per round of a queue, before
 * anybody is answered.
 *
 * <p>A message that comes back stays where it is: it is read again from its queue and carries the
 * number of its attempt. Apache RocketMQ copies it to a retry topic of its own instead, which its
 * clients support but do not need: they take topic and queue of a message from the message and the
 * answer. Without copies a redelivery costs one row, nothing is stored twice, the message keeps its
 * id and its order, and the dead letter is the only second copy there ever is, written in the batch
 * that ends the lease.
 *
 * <p>{@link io.escrowmq.broker.pop.InFlight} is the state of one queue and group, without I/O;
 * {@link io.escrowmq.broker.pop.PopQueue} owns one, serialises what happens to it and writes it;
 * {@link io.escrowmq.broker.pop.Popping} is the door.
 */
@NullMarked
package io.escrowmq.broker.pop;

import org.jspecify.annotations.NullMarked;
