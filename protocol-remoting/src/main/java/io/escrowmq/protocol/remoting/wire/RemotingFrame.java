package io.escrowmq.protocol.remoting.wire;

import io.netty.buffer.ByteBuf;

/**
 * A decoded frame. The body is a retained slice of the connection's read buffer: whoever takes the
 * frame releases it exactly once.
 *
 * @param command the header
 * @param body the bytes after the header, possibly empty
 */
public record RemotingFrame(RemotingCommand command, ByteBuf body) {
  /** Gives the body's memory back. */
  public void release() {
    body.release();
  }
}
