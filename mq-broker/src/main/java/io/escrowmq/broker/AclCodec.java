package io.escrowmq.broker;

import io.escrowmq.spi.protocol.security.Acl;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.AddressRange;
import io.escrowmq.spi.protocol.security.PolicyEntry;
import io.escrowmq.spi.protocol.security.PolicyEntry.Decision;
import io.escrowmq.spi.protocol.security.ResourcePattern;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Access control lists as rows of the table {@code acls}: key the user's name in UTF-8; value int8
 * version and twice (custom entries, default entries) int32 count with that many entries: text
 * pattern, int8 decision (1 deny), int32 count of texts (actions), int32 count of texts (address
 * ranges), all as operators write them.
 */
final class AclCodec {

  static final String TABLE = "acls";

  private static final int VERSION = 1;
  private static final int DENY = 1;

  private AclCodec() {}

  static Bytes key(String user) {
    return Bytes.utf8(user);
  }

  static Bytes value(Acl acl) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      write(acl.custom(), out);
      write(acl.defaults(), out);
    } catch (IOException e) {
      throw new UncheckedIOException("the list of " + acl.user() + " cannot be encoded", e);
    }
    return Bytes.wrap(bytes.toByteArray());
  }

  static Acl decode(TableRow row) {
    String user = row.key().asUtf8();
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(row.value().toArray()))) {
      requireKnown(in.readByte(), VERSION, "the access control list of " + user);
      return new Acl(user, entries(in), entries(in));
    } catch (IOException e) {
      throw new UncheckedIOException("the stored access control list of " + user + " is cut", e);
    }
  }

  static void requireKnown(int version, int known, String what) {
    if (version > known) {
      throw new IllegalStateException(
          what + " was stored by a newer server (format " + version + "); start that version");
    }
  }

  private static void write(List<PolicyEntry> entries, DataOutputStream out) throws IOException {
    out.writeInt(entries.size());
    for (PolicyEntry entry : entries) {
      out.writeUTF(entry.resources().text());
      out.writeByte(entry.decision() == Decision.DENY ? DENY : 0);
      writeTexts(entry.actions().stream().map(Action::label).sorted().toList(), out);
      writeTexts(entry.sources().stream().map(AddressRange::text).toList(), out);
    }
  }

  private static void writeTexts(Collection<String> texts, DataOutputStream out)
      throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      out.writeUTF(text);
    }
  }

  private static List<PolicyEntry> entries(DataInputStream in) throws IOException {
    List<PolicyEntry> entries = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      ResourcePattern resources = known(in.readUTF(), ResourcePattern::parse);
      Decision decision = in.readByte() == DENY ? Decision.DENY : Decision.ALLOW;
      Set<Action> actions = texts(in, Action::of).stream().collect(Collectors.toSet());
      entries.add(new PolicyEntry(resources, actions, texts(in, AddressRange::parse), decision));
    }
    return entries;
  }

  private static <T> List<T> texts(DataInputStream in, Function<String, Optional<T>> reader)
      throws IOException {
    List<T> values = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      values.add(known(in.readUTF(), reader));
    }
    return values;
  }

  private static <T> T known(String text, Function<String, Optional<T>> reader) throws IOException {
    return reader.apply(text).orElseThrow(() -> new IOException("it says '" + text + "'"));
  }
}
