package io.escrowmq.protocol.remoting.wire;

/**
 * The peer sent something that is not the protocol. The message says what was wrong in words the
 * author of a client can act on; it never carries the offending bytes.
 */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How much of the connection is still usable after the fault. */
  public enum Fault {
    /** The frame boundaries are lost or cannot be trusted: the connection must be closed. */
    BAD_FRAME,
    /** The frame is whole but its header cannot be read: nobody can be answered, so close too. */
    BAD_HEADER,
    /** The header is readable, a field of the request is missing or malformed: answer an error. */
    BAD_FIELD,
    /** The header is readable, the body is malformed: answer an error. */
    BAD_BODY
  }

  private final Fault fault;

  /** A fault with a sentence for the peer. */
  public ProtocolException(Fault fault, String message) {
    super(message);
    this.fault = fault;
  }

  /** A fault with a sentence for the peer and the parser's own reason. */
  public ProtocolException(Fault fault, String message, Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  /** What the fault leaves usable. */
  public Fault fault() {
    return fault;
  }

  /** Whether the connection can go on after an error answer. */
  public boolean answerable() {
    return switch (fault) {
      case BAD_FIELD, BAD_BODY -> true;
      case BAD_FRAME, BAD_HEADER -> false;
    };
  }
}
