package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who signed a request (Apache RocketMQ's ACL signature, the same in its versions 1.0 and
 * 2.0): the values of all header fields but the signature, in the order of the fields' names, and
 * after them the body, under HMAC-SHA1 with the user's secret, in Base64. There is no time and no
 * number in it: whoever reads a signed request can send it again. One per connection, on its event
 * loop only: it keeps the keyed code of the connection's user.
 */
final class Signatures {
  private static final String ACCESS_KEY = "AccessKey";
  private static final String SIGNATURE = "Signature";
  private static final String ALGORITHM = "HmacSHA1";

  /** What signing adds to a request. */
  static final Set<String> FIELDS = Set.of(ACCESS_KEY, SIGNATURE, "SecurityToken");

  /** Clients up to this one (4.9.3) add the field of that name after they signed. */
  private static final int LATE_KEY_FLAG_UP_TO = 399;

  private static final String LATE_KEY_FLAG = "_UNIQUE_KEY_QUERY";

  /** Clients that know their zone add these after they signed, and sign them when they retry. */
  private static final String ZONE_NAME = "__ZONE_NAME";

  private static final String ZONE_MODE = "__ZONE_MODE";

  private final Authority authority;
  private final StringBuilder text = new StringBuilder(512);
  private @Nullable Principal keyedFor;
  private @Nullable Mac mac;

  /** What is known about a request. */
  sealed interface Signer {
    /** This user signed it. */
    record Known(Principal principal) implements Signer {}

    /** Nobody, or nobody that is known here. */
    record Unknown(String why) implements Signer {}
  }

  Signatures(Authority authority) {
    this.authority = authority;
  }

  /** Who signed this; the body stays as it is. */
  Signer signer(RemotingCommand command, ByteBuffer body) {
    Map<String, String> fields = command.extFields();
    String name = fields.get(ACCESS_KEY);
    String signature = fields.get(SIGNATURE);
    if (name == null || signature == null) {
      return new Signer.Unknown(
          "it is not signed, and this server asks who its clients are. Give the client a user and"
              + " its secret: in Java new AclClientRPCHook(new SessionCredentials(accessKey,"
              + " secretKey)), in mqadmin conf/tools.yml");
    }
    Optional<Principal> claimed = authority.principal(name);
    if (claimed.isEmpty() || !signed(claimed.get(), command, signature, body)) {
      return new Signer.Unknown(
          "it is signed in the name of '"
              + name
              + "', but that user is unknown or disabled here or has another secret. Check access"
              + " key and secret key of the client");
    }
    return new Signer.Known(claimed.get());
  }

  private boolean signed(Principal by, RemotingCommand command, String signature, ByteBuffer body) {
    Mac code = mac;
    if (code == null || keyedFor != by) {
      code = by.keyed(ALGORITHM);
      mac = code;
      keyedFor = by;
    }
    byte[] given = signature.getBytes(StandardCharsets.ISO_8859_1);
    Map<String, String> fields = command.extFields();
    boolean zone = fields.containsKey(ZONE_NAME) || fields.containsKey(ZONE_MODE);
    return MessageDigest.isEqual(code(code, command, body, false), given)
        || (zone && MessageDigest.isEqual(code(code, command, body, true), given));
  }

  private byte[] code(Mac code, RemotingCommand command, ByteBuffer body, boolean withZone) {
    Map<String, String> fields = command.extFields();
    String[] names = fields.keySet().toArray(new String[0]);
    Arrays.sort(names);
    text.setLength(0);
    for (String name : names) {
      if (isSigned(name, command.version(), withZone)) {
        text.append(fields.get(name));
      }
    }
    code.update(text.toString().getBytes(StandardCharsets.UTF_8));
    code.update(body.duplicate());
    return Base64.getEncoder().encode(code.doFinal());
  }

  private static boolean isSigned(String field, int version, boolean withZone) {
    return switch (field) {
      case SIGNATURE -> false;
      case ZONE_NAME, ZONE_MODE -> withZone;
      case LATE_KEY_FLAG -> version > LATE_KEY_FLAG_UP_TO;
      default -> true;
    };
  }
}
