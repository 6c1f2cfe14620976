package io.escrowmq.protocol.remoting.wire;

/**
 * Bounds that are checked before memory is reserved for what a peer announces.
 *
 * @param maxFrameBytes largest value of the first word of a frame (what follows that word), 16 MiB
 *     by default as on both ends of Apache RocketMQ
 * @param maxHeaderBytes largest header; 256 KiB holds the 32 KiB of properties that the protocol
 *     allows even when JSON escapes every byte of them
 * @param maxExtFields most entries of the header's field map
 * @param maxJsonBodyBytes largest JSON body (heartbeats, lock requests)
 */
public record FrameLimits(
    int maxFrameBytes, int maxHeaderBytes, int maxExtFields, int maxJsonBodyBytes) {

  /** The limits of a server whose settings say nothing about them. */
  public static final FrameLimits DEFAULT =
      new FrameLimits(16 * 1024 * 1024, 256 * 1024, 256, 1024 * 1024);

  public FrameLimits {
    if (maxFrameBytes < 1024
        || maxHeaderBytes < 256
        || maxExtFields < 32
        || maxJsonBodyBytes < 256) {
      throw new IllegalArgumentException(
          "frame limits are too small to carry any request: maxFrameBytes="
              + maxFrameBytes
              + " maxHeaderBytes="
              + maxHeaderBytes
              + " maxExtFields="
              + maxExtFields
              + " maxJsonBodyBytes="
              + maxJsonBodyBytes);
    }
  }
}
