package io.escrowmq.protocol.remoting.wire;

/**
 * How the header of a frame is written; the high byte of the second word of a frame says which.
 * Replies must use the encoding of their request, because a client that never set the binary form
 * reads JSON only (Apache RocketMQ remoting protocol).
 */
public enum HeaderEncoding {
  /** A JSON object; what official clients send unless told otherwise. */
  JSON(0),
  /** Fixed fields followed by length-prefixed text and a length-prefixed map. */
  BINARY(1);

  private final int code;

  HeaderEncoding(int code) {
    this.code = code;
  }

  /** The number in the high byte of the header length word. */
  public int code() {
    return code;
  }

  /**
   * The encoding for a number read from the wire.
   *
   * @throws ProtocolException if no encoding has that number
   */
  public static HeaderEncoding of(int code) {
    return switch (code) {
      case 0 -> JSON;
      case 1 -> BINARY;
      default ->
          throw new ProtocolException(
              ProtocolException.Fault.BAD_FRAME,
              "the frame says header encoding "
                  + code
                  + ", but only 0 (JSON) and 1 (binary) exist");
    };
  }
}
