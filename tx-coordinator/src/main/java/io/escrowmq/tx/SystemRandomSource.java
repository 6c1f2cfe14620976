package io.escrowmq.tx;

import java.security.SecureRandom;

/** The machine's cryptographic generator. */
final class SystemRandomSource implements RandomSource {

  static final SystemRandomSource INSTANCE = new SystemRandomSource();

  private final SecureRandom random = new SecureRandom();

  private SystemRandomSource() {}

  @Override
  public byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
