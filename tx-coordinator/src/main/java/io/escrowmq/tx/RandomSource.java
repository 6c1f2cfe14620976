package io.escrowmq.tx;

/** Where unpredictable bytes come from. Thread-safe. */
@FunctionalInterface
public interface RandomSource {

  /** That many fresh random bytes. */
  byte[] bytes(int count);

  /** The machine's cryptographic generator. */
  static RandomSource system() {
    return SystemRandomSource.INSTANCE;
  }
}
