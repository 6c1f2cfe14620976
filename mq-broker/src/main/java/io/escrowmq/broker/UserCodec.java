package io.escrowmq.broker;

import io.escrowmq.spi.protocol.security.Secret;
import io.escrowmq.spi.protocol.security.User;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Users as rows of the table {@code users}: key the name in UTF-8; value int8 version, int8 flags
 * (1 super user, 2 disabled), text secret. Signatures are made with the secret itself, so it cannot
 * be stored as a hash.
 */
final class UserCodec {

  static final String TABLE = "users";

  private static final int VERSION = 1;
  private static final int SUPER = 1;
  private static final int DISABLED = 2;

  private UserCodec() {}

  static Bytes key(String user) {
    return Bytes.utf8(user);
  }

  static Bytes value(User user) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeByte(
          (user.type() == User.Type.SUPER ? SUPER : 0)
              | (user.status() == User.Status.DISABLED ? DISABLED : 0));
      out.writeUTF(user.secret().reveal());
    } catch (IOException e) {
      throw new UncheckedIOException("user " + user.name() + " cannot be encoded", e);
    }
    return Bytes.wrap(bytes.toByteArray());
  }

  static User decode(TableRow row) {
    String name = row.key().asUtf8();
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(row.value().toArray()))) {
      AclCodec.requireKnown(in.readByte(), VERSION, "user " + name);
      int flags = in.readByte();
      return new User(
          name,
          new Secret(in.readUTF()),
          (flags & SUPER) != 0 ? User.Type.SUPER : User.Type.NORMAL,
          (flags & DISABLED) != 0 ? User.Status.DISABLED : User.Status.ENABLED);
    } catch (IOException e) {
      throw new UncheckedIOException("the stored user " + name + " is cut", e);
    }
  }
}
