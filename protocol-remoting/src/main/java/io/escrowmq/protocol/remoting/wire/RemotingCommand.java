package io.escrowmq.protocol.remoting.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of one remoting frame: a request when bit 0 of the flag is clear, else the response to
 * the request with the same opaque number. Immutable, apart from the map the creator hands over.
 *
 * @param code request or response code; POP codes that were cut to 16 bits by the binary encoding
 *     are already restored
 * @param language what the peer says it is written in
 * @param version the peer's release as an ordinal of the official version list, 0 if unknown
 * @param opaque correlates a response with its request; chosen by the sender of the request
 * @param flag bit 0 = response, bit 1 = one-way (never answered)
 * @param remark text for people, usually the reason of a failure
 * @param extFields the request's or response's own fields
 * @param encoding how the header was, or is to be, written
 */
public record RemotingCommand(
    int code,
    Language language,
    int version,
    int opaque,
    int flag,
    @Nullable String remark,
    Map<String, String> extFields,
    HeaderEncoding encoding) {

  /** Set in {@link #flag} of a response. */
  public static final int RESPONSE_BIT = 1;

  /** Set in {@link #flag} of a request that must not be answered. */
  public static final int ONE_WAY_BIT = 1 << 1;

  /**
   * The release this server announces, an ordinal of the official version list (5.5.0). Clients
   * keep the number of the heartbeat response and refuse some features when it is below 4.1.0's
   * 232.
   */
  public static final int SERVER_VERSION = 513;

  /** Whether this is a response. */
  public boolean response() {
    return (flag & RESPONSE_BIT) != 0;
  }

  /** Whether the sender does not listen for a response. */
  public boolean oneWay() {
    return (flag & ONE_WAY_BIT) != 0;
  }

  /**
   * A response to this request, in the request's own header encoding and with its opaque number.
   */
  public RemotingCommand answer(int code, @Nullable String remark, Map<String, String> fields) {
    return new RemotingCommand(
        code, Language.JAVA, SERVER_VERSION, opaque, RESPONSE_BIT, remark, fields, encoding);
  }

  /** A request of the server to a client. */
  public static RemotingCommand request(
      int code, int opaque, boolean oneWay, Map<String, String> fields, HeaderEncoding encoding) {
    return new RemotingCommand(
        code,
        Language.JAVA,
        SERVER_VERSION,
        opaque,
        oneWay ? ONE_WAY_BIT : 0,
        null,
        fields,
        encoding);
  }
}
