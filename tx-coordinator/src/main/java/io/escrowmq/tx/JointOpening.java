package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Optional;

/**
 * A wish to begin a joint transaction.
 *
 * @param producerGroup who may add and decide, and who is asked; 1 to 255 bytes of UTF-8
 * @param key the producer's name for it, unique within the group for the decision retention; 1 to
 *     {@link #MAX_KEY_BYTES} bytes of UTF-8 without control characters. Opening it again finds it
 * @param clientId the connected instance that opens it; asked first
 * @param immunity overrides the policy's first delay for this transaction
 */
public record JointOpening(
    String producerGroup, String key, String clientId, Optional<Duration> immunity) {

  /** Longest key in UTF-8 bytes. */
  public static final int MAX_KEY_BYTES = 255;

  public JointOpening {
    if (key.isEmpty() || key.getBytes(UTF_8).length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "a transaction key has 1 to " + MAX_KEY_BYTES + " bytes of UTF-8: '" + key + "'");
    }
    if (key.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a transaction key has no control characters");
    }
  }
}
