package io.escrowmq.tx;

/** Where unpredictable bytes come from. Thread-safe. */
@FunctionalInterface
public interface Randomness {

  /** That many fresh random bytes. */
  byte[] bytes(int count);

  /** The machine's cryptographic generator. */
  static Randomness system() {
    return SystemRandomness.INSTANCE;
  }
}
