package io.escrowmq.spi.storage;

/** The machine's clocks: the one place allowed to read them. */
enum SystemTimeSource implements TimeSource {
  INSTANCE;

  @Override
  public long nowMs() {
    return System.currentTimeMillis();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }
}
