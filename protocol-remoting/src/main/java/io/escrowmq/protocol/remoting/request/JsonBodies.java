package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.protocol.remoting.wire.JsonObject;
import io.escrowmq.protocol.remoting.wire.JsonText;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import java.nio.ByteBuffer;

/** Bodies that are JSON, up to the length that is allowed. */
record JsonBodies(FrameLimits limits) {

  /** The text; the body stays as it was. */
  byte[] utf8(ByteBuffer body, String what) {
    if (body.remaining() > limits.maxJsonBodyBytes()) {
      throw new ProtocolException(
          Fault.BAD_BODY,
          what
              + " has "
              + body.remaining()
              + " bytes, more than the "
              + limits.maxJsonBodyBytes()
              + " allowed");
    }
    byte[] utf8 = new byte[body.remaining()];
    body.duplicate().get(utf8);
    return utf8;
  }

  /** The object that the body is. */
  JsonObject object(ByteBuffer body, String what) {
    return JsonText.object(utf8(body, what), what);
  }
}
