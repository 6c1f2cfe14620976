package io.escrowmq.tx;

import java.security.SecureRandom;

/** The machine's cryptographic generator. */
final class SystemRandomness implements Randomness {

  static final SystemRandomness INSTANCE = new SystemRandomness();

  private final SecureRandom random = new SecureRandom();

  private SystemRandomness() {}

  @Override
  public byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
