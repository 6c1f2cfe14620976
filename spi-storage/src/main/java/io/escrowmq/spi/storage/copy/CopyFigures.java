package io.escrowmq.spi.storage.copy;

/**
 * How much there was.
 *
 * @param queues queues whose next offset is not 0
 * @param messages visible messages
 * @param messageBytes their bytes
 * @param holds held messages
 * @param decisions remembered decisions about holds
 * @param rows table rows
 */
public record CopyFigures(
    long queues, long messages, long messageBytes, long holds, long decisions, long rows) {

  /** True if the store holds nothing. */
  public boolean isEmpty() {
    return queues + holds + decisions + rows == 0;
  }
}
