package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to say to a request, before it is bound to the request's number and header encoding.
 *
 * @param code response code
 * @param remark the reason of a failure, for people
 * @param fields header fields
 * @param body pieces of the body
 * @param release gives back what the body lies in; run exactly once, after encoding or instead of
 *     it
 */
record Answer(
    int code,
    @Nullable String remark,
    Map<String, String> fields,
    List<ByteBuffer> body,
    Runnable release) {

  static Answer success() {
    return success(Map.of());
  }

  static Answer success(Map<String, String> fields) {
    return new Answer(ResponseCodes.SUCCESS, null, fields, List.of(), Answer::nothing);
  }

  static Answer success(byte[] body) {
    return new Answer(
        ResponseCodes.SUCCESS, null, Map.of(), List.of(ByteBuffer.wrap(body)), Answer::nothing);
  }

  static Answer success(Map<String, String> fields, byte[] body) {
    return new Answer(
        ResponseCodes.SUCCESS, null, fields, List.of(ByteBuffer.wrap(body)), Answer::nothing);
  }

  static Answer refusal(int code, @Nullable String remark) {
    return new Answer(code, remark, Map.of(), List.of(), Answer::nothing);
  }

  /** For bodies that need no release. */
  static void nothing() {}
}
