package io.escrowmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client gives back to recall a delayed message (source: Apache RocketMQ 5.3+: URL-safe
 * Base64 of {@code v1 topic broker time+1 uniqueKey}; proxies read the broker name out of it).
 *
 * @param deliverAtMs delivery time, milliseconds since the epoch
 */
record RecallHandle(String topic, String broker, long deliverAtMs, String uniqueKey) {

  private static final String VERSION = "v1";
  private static final int PARTS = 5;
  private static final int MAX_LENGTH = 2048;

  /** The text for clients; empty for a key so long that no client made it. */
  Optional<String> encode() {
    String text = String.join(" ", VERSION, topic, broker, "" + (deliverAtMs + 1), uniqueKey);
    String handle = Base64.getUrlEncoder().encodeToString(text.getBytes(UTF_8));
    return handle.length() > MAX_LENGTH ? Optional.empty() : Optional.of(handle);
  }

  static RecallHandle decode(String handle) {
    if (handle.isEmpty() || handle.length() > MAX_LENGTH) {
      throw malformed(handle.length() + " characters", null);
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(handle), UTF_8);
      String[] parts = text.split(" ", PARTS);
      if (parts.length != PARTS || !parts[0].equals(VERSION)) {
        throw malformed("not five parts beginning with " + VERSION, null);
      }
      return new RecallHandle(parts[1], parts[2], Long.parseLong(parts[3]) - 1, parts[4]);
    } catch (IllegalArgumentException e) {
      throw malformed("" + e.getMessage(), e);
    }
  }

  private static BrokerException malformed(String why, @Nullable Throwable cause) {
    return new BrokerException(
        ErrorCode.ILLEGAL_OPERATION,
        "the recall handle is malformed: " + why,
        "Pass on the handle exactly as the send result gave it.",
        cause);
  }
}
