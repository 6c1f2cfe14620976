package io.escrowmq.broker;

import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rows of the table {@code topics}: the key is the name in UTF-8; the value is, big-endian: int8
 * version (1), int32 read queues, int32 write queues, int32 permission, int32 system flag, int8
 * ordered, int32 number of attributes, then name and value of each (int16 length and UTF-8).
 */
final class TopicCodec {

  static final String TABLE = "topics";

  private static final int VERSION = 1;

  private TopicCodec() {}

  static Bytes key(String topic) {
    return Bytes.utf8(topic);
  }

  static Bytes value(TopicConfig topic) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(topic.readQueues());
      out.writeInt(topic.writeQueues());
      out.writeInt(topic.permission());
      out.writeInt(topic.systemFlag());
      out.writeBoolean(topic.ordered());
      out.writeInt(topic.attributes().size());
      for (Map.Entry<String, String> attribute : new TreeMap<>(topic.attributes()).entrySet()) {
        out.writeUTF(attribute.getKey());
        out.writeUTF(attribute.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("topic " + topic.name() + " cannot be encoded", e);
    }
    return Bytes.wrap(bytes.toByteArray());
  }

  static TopicConfig decode(TableRow row) {
    String name = row.key().asUtf8();
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(row.value().toArray()))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw new IllegalStateException(
            "topic "
                + name
                + " was stored by a newer server (format "
                + version
                + "); start that version");
      }
      int readQueues = in.readInt();
      int writeQueues = in.readInt();
      int permission = in.readInt();
      int systemFlag = in.readInt();
      boolean ordered = in.readBoolean();
      Map<String, String> attributes = new LinkedHashMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        attributes.put(in.readUTF(), in.readUTF());
      }
      return new TopicConfig(
          name, readQueues, writeQueues, permission, systemFlag, ordered, attributes);
    } catch (IOException e) {
      throw new UncheckedIOException("the stored configuration of topic " + name + " is cut", e);
    }
  }
}
