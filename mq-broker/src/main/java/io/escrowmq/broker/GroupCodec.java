package io.escrowmq.broker;

import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.RetryPolicy;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Consumer groups as rows of the table {@code groups}: key the name in UTF-8; value int8 version,
 * int64 time of creation in milliseconds, and in version 2 int8 flags (1 consumes, 2 broadcasts, 4
 * ordered, 8 notifies), int32 retry queues, int32 most retries (negative for the broker's own
 * setting), and twice int32 count with that many pairs of names and values (attributes, others).
 * Version 3 goes on with the retry policy: int8 0 for delay levels; 1 and three int64 (initial and
 * longest delay in milliseconds, multiplier); or 2, int32 count and that many int64 (delays in
 * milliseconds). Version 1 ends after the time: everything as in a new group.
 */
final class GroupCodec {

  static final String TABLE = "groups";

  /** In a row: as the broker's setting says. */
  static final int BROKERS_RETRIES = -1;

  private static final int VERSION = 3;
  private static final int FIRST_WITH_SETTINGS = 2;
  private static final int FIRST_WITH_POLICY = 3;
  private static final int POLICY_LEVELS = 0;
  private static final int POLICY_EXPONENTIAL = 1;
  private static final int POLICY_CUSTOMIZED = 2;
  private static final int CONSUMES = 1;
  private static final int BROADCASTS = 2;
  private static final int ORDERED = 4;
  private static final int NOTIFIES = 8;

  private GroupCodec() {}

  static Bytes key(String group) {
    return Bytes.utf8(group);
  }

  static Bytes value(GroupConfig group, long createdMs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(createdMs);
      out.writeByte(
          (group.consumes() ? CONSUMES : 0)
              | (group.broadcasts() ? BROADCASTS : 0)
              | (group.ordered() ? ORDERED : 0)
              | (group.notifies() ? NOTIFIES : 0));
      out.writeInt(group.retryQueues());
      out.writeInt(group.maxRetries());
      write(group.attributes(), out);
      write(group.others(), out);
      write(group.retryPolicy(), out);
    } catch (IOException e) {
      throw new UncheckedIOException("group " + group.name() + " cannot be encoded", e);
    }
    return Bytes.wrap(bytes.toByteArray());
  }

  static GroupConfig decode(TableRow row) {
    String name = row.key().asUtf8();
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(row.value().toArray()))) {
      int version = in.readByte();
      if (version > VERSION) {
        throw new IllegalStateException(
            "group "
                + name
                + " was stored by a newer server (format "
                + version
                + "); start that version");
      }
      long _ = in.readLong();
      if (version < FIRST_WITH_SETTINGS) {
        return GroupConfig.of(name, BROKERS_RETRIES);
      }
      int flags = in.readByte();
      return new GroupConfig(
          name,
          (flags & CONSUMES) != 0,
          (flags & BROADCASTS) != 0,
          (flags & ORDERED) != 0,
          (flags & NOTIFIES) != 0,
          in.readInt(),
          in.readInt(),
          read(in),
          read(in),
          version < FIRST_WITH_POLICY ? RetryPolicy.LEVELS : readPolicy(in));
    } catch (IOException e) {
      throw new UncheckedIOException("the stored configuration of group " + name + " is cut", e);
    }
  }

  private static void write(Map<String, String> pairs, DataOutputStream out) throws IOException {
    out.writeInt(pairs.size());
    for (Map.Entry<String, String> pair : new TreeMap<>(pairs).entrySet()) {
      out.writeUTF(pair.getKey());
      out.writeUTF(pair.getValue());
    }
  }

  private static Map<String, String> read(DataInputStream in) throws IOException {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      pairs.put(in.readUTF(), in.readUTF());
    }
    return pairs;
  }

  private static void write(RetryPolicy policy, DataOutputStream out) throws IOException {
    switch (policy) {
      case RetryPolicy.Levels _ -> out.writeByte(POLICY_LEVELS);
      case RetryPolicy.Exponential growing -> {
        out.writeByte(POLICY_EXPONENTIAL);
        out.writeLong(growing.initialMs());
        out.writeLong(growing.maxMs());
        out.writeLong(growing.multiplier());
      }
      case RetryPolicy.Customized listed -> {
        out.writeByte(POLICY_CUSTOMIZED);
        out.writeInt(listed.delaysMs().size());
        for (long delayMs : listed.delaysMs()) {
          out.writeLong(delayMs);
        }
      }
    }
  }

  private static RetryPolicy readPolicy(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case POLICY_LEVELS -> RetryPolicy.LEVELS;
      case POLICY_EXPONENTIAL ->
          new RetryPolicy.Exponential(in.readLong(), in.readLong(), in.readLong());
      case POLICY_CUSTOMIZED -> {
        List<Long> delaysMs = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
          delaysMs.add(in.readLong());
        }
        yield new RetryPolicy.Customized(delaysMs);
      }
      default -> throw new IOException("there is no retry policy of kind " + kind);
    };
  }
}
