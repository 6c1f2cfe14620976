package io.escrowmq.spi.protocol.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A text that must not appear in logs: it does not print itself. Immutable. */
public final class Secret {
  private final String text;

  /** Hides a text. */
  public Secret(String text) {
    this.text = text;
  }

  /** The text itself, for storing it and for computing signatures. */
  public String reveal() {
    return text;
  }

  /** Whether there is nothing to keep secret. */
  public boolean isEmpty() {
    return text.isEmpty();
  }

  /** Whether this is the text; takes as long for a text that nearly is as for any other. */
  public boolean is(String guess) {
    return MessageDigest.isEqual(
        text.getBytes(StandardCharsets.UTF_8), guess.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && is(secret.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
