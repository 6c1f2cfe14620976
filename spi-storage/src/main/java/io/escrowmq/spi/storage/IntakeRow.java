package io.escrowmq.spi.storage;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A message as an application left it in an {@link IntakeTable}.
 *
 * @param id rises with every row; a lower one may become visible later than a higher one
 * @param orderingKey messages of one key keep their order; empty for none
 * @param deliverAtMs when it may be delivered, milliseconds since the epoch; 0 for at once
 * @param enqueuedAtMs when the application wrote it, milliseconds since the epoch
 * @param properties of the message, {@code KEYS} and {@code TAGS} among them
 * @param body its remaining bytes are the body
 * @param defect why the row is no message, for people; empty if it is one
 */
public record IntakeRow(
    long id,
    String topic,
    String orderingKey,
    long deliverAtMs,
    long enqueuedAtMs,
    Map<String, String> properties,
    ByteBuffer body,
    String defect) {}
