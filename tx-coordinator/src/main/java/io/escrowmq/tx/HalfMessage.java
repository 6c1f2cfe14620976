package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * A message to hold until its transaction is decided.
 *
 * @param producerGroup who may decide and who is asked; 1 to 255 bytes of UTF-8
 * @param clientId the connected instance that sends it; asked first
 * @param queue where the message appears when committed
 * @param uniqueKey the UNIQ_KEY property: together with group, topic and body it makes a repeated
 *     send find the first one; empty: every send is a transaction of its own
 * @param body the message body, read only to recognise a repeated send
 * @param immunity overrides the policy's first delay for this message
 * @param deliverAtMs earliest time to become visible after the commit, milliseconds since the
 *     epoch; 0 for at once
 * @param encode makes the complete message for a handle, as consumers shall see it (real topic and
 *     queue, commit system flag). Called once per incarnation tried; must be pure. The result's
 *     topic and queue equal {@code queue}.
 */
public record HalfMessage(
    String producerGroup,
    String clientId,
    QueueId queue,
    Optional<String> uniqueKey,
    ByteBuffer body,
    Optional<Duration> immunity,
    long deliverAtMs,
    Function<Handle, Message> encode) {

  /** Longest producer group in UTF-8 bytes. */
  public static final int MAX_GROUP_BYTES = 255;

  public HalfMessage {
    if (producerGroup.isEmpty()) {
      throw new IllegalArgumentException("a transactional message needs a producer group");
    }
    if (producerGroup.length() > MAX_GROUP_BYTES / 3
        && producerGroup.getBytes(UTF_8).length > MAX_GROUP_BYTES) {
      throw new IllegalArgumentException(
          "a producer group has at most " + MAX_GROUP_BYTES + " bytes: " + producerGroup);
    }
    if (deliverAtMs < 0) {
      throw new IllegalArgumentException("deliverAtMs must not be negative: " + deliverAtMs);
    }
    if (immunity.isPresent() && immunity.get().isNegative()) {
      throw new IllegalArgumentException("immunity must not be negative: " + immunity.get());
    }
  }
}
