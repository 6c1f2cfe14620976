package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Batches as bytes, for the journal engine. */
final class JournalCodec {

  private JournalCodec() {}

  static byte[] encode(long timeMs, List<Mutation> mutations) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeLong(timeMs);
      out.writeInt(mutations.size());
      for (Mutation mutation : mutations) {
        write(out, mutation);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The time of an encoded batch. */
  static long timeOf(byte[] encoded) {
    return ByteBuffer.wrap(encoded).getLong();
  }

  /** The batch, or nothing for the note that the store forgot what it may forget. */
  static List<WriteBatch> decode(byte[] encoded) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      in.readLong();
      int count = in.readInt();
      List<Mutation> mutations = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        mutations.add(read(in));
      }
      return count == 0 ? List.of() : List.of(WriteBatch.of(mutations.toArray(Mutation[]::new)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(DataOutputStream out, Mutation mutation) throws IOException {
    switch (mutation) {
      case Mutation.Append append -> {
        out.writeByte(1);
        write(out, append.message());
      }
      case Mutation.Hold hold -> {
        out.writeByte(2);
        write(out, hold.id());
        write(out, hold.message());
        write(out, hold.kind(), hold.wakeAtMs(), hold.attributes());
      }
      case Mutation.Release release -> {
        out.writeByte(3);
        write(out, release.id());
      }
      case Mutation.Discard discard -> {
        out.writeByte(4);
        write(out, discard.id());
      }
      case Mutation.Reschedule change -> {
        out.writeByte(5);
        write(out, change.id());
        write(out, change.kind(), change.wakeAtMs(), change.attributes());
      }
      case Mutation.Put put -> {
        out.writeByte(6);
        out.writeUTF(put.table());
        write(out, put.key());
        write(out, put.value());
      }
      case Mutation.Delete delete -> {
        out.writeByte(7);
        out.writeUTF(delete.table());
        write(out, delete.key());
      }
      case Mutation.Trim trim -> {
        out.writeByte(8);
        out.writeUTF(trim.queue().topic());
        out.writeInt(trim.queue().queue());
        out.writeLong(trim.newMinOffset());
      }
      case Mutation.Restore restore -> write(out, restore);
      case Mutation.Require require -> {
        out.writeByte(9);
        out.writeUTF(require.table());
        write(out, require.key());
        out.writeLong(require.version());
      }
      case Mutation.RequireHeld requireHeld -> {
        out.writeByte(10);
        write(out, requireHeld.id());
      }
      case Mutation.Fence fence -> {
        out.writeByte(11);
        out.writeUTF(fence.scope());
        out.writeLong(fence.epoch());
      }
    }
  }

  private static Mutation read(DataInputStream in) throws IOException {
    int type = in.readByte();
    return switch (type) {
      case 1 -> {
        Message message = readMessage(in);
        yield new Mutation.Append(message.queueId(), message);
      }
      case 2 -> {
        HoldId id = readId(in);
        Message message = readMessage(in);
        HoldKind kind = HoldKind.ofCode(in.readByte());
        yield new Mutation.Hold(id, message.queueId(), message, kind, in.readLong(), readBytes(in));
      }
      case 3 -> new Mutation.Release(readId(in));
      case 4 -> new Mutation.Discard(readId(in));
      case 5 ->
          new Mutation.Reschedule(
              readId(in), HoldKind.ofCode(in.readByte()), in.readLong(), readBytes(in));
      case 6 -> new Mutation.Put(in.readUTF(), readBytes(in), readBytes(in));
      case 7 -> new Mutation.Delete(in.readUTF(), readBytes(in));
      case 8 -> new Mutation.Trim(new QueueId(in.readUTF(), in.readInt()), in.readLong());
      case 9 -> new Mutation.Require(in.readUTF(), readBytes(in), in.readLong());
      case 10 -> new Mutation.RequireHeld(readId(in));
      case 11 -> new Mutation.Fence(in.readUTF(), in.readLong());
      default -> readRestore(type, in);
    };
  }

  private static void write(DataOutputStream out, Mutation.Restore restore) throws IOException {
    switch (restore) {
      case Mutation.Restore.Begin begin -> {
        out.writeByte(12);
        out.writeUTF(begin.queue().topic());
        out.writeInt(begin.queue().queue());
        out.writeLong(begin.firstOffset());
      }
      case Mutation.Restore.Visible visible -> {
        out.writeByte(13);
        write(out, visible.message());
      }
      case Mutation.Restore.Held held -> {
        out.writeByte(14);
        write(out, held.entry().id());
        write(out, held.message());
        out.writeLong(held.entry().heldAtMs());
        write(out, held.entry().kind(), held.entry().wakeAtMs(), held.entry().attributes());
      }
      case Mutation.Restore.Decided decided -> {
        out.writeByte(15);
        write(out, decided.id());
        out.writeUTF(decided.status().state().name());
        out.writeLong(decided.status().queueOffset());
        out.writeLong(decided.status().position());
        out.writeLong(decided.status().decidedAtMs());
      }
    }
  }

  private static Mutation readRestore(int type, DataInputStream in) throws IOException {
    return switch (type) {
      case 12 -> new Mutation.Restore.Begin(new QueueId(in.readUTF(), in.readInt()), in.readLong());
      case 13 -> {
        Message message = readMessage(in);
        yield new Mutation.Restore.Visible(message.queueId(), message);
      }
      case 14 -> {
        HoldId id = readId(in);
        Message message = readMessage(in);
        long heldAtMs = in.readLong();
        HoldKind kind = HoldKind.ofCode(in.readByte());
        yield new Mutation.Restore.Held(
            new HoldEntry(id, message.queueId(), kind, heldAtMs, in.readLong(), readBytes(in)),
            message);
      }
      case 15 ->
          new Mutation.Restore.Decided(
              readId(in),
              new HoldStatus(
                  HoldStatus.State.valueOf(in.readUTF()),
                  in.readLong(),
                  in.readLong(),
                  in.readLong()));
      default -> throw new IOException("unknown mutation type " + type);
    };
  }

  private static void write(DataOutputStream out, HoldKind kind, long wakeAtMs, Bytes attributes)
      throws IOException {
    out.writeByte(kind.code());
    out.writeLong(wakeAtMs);
    write(out, attributes);
  }

  private static void write(DataOutputStream out, HoldId id) throws IOException {
    out.writeLong(id.high());
    out.writeLong(id.low());
  }

  private static HoldId readId(DataInputStream in) throws IOException {
    return new HoldId(in.readLong(), in.readLong());
  }

  private static void write(DataOutputStream out, Message message) throws IOException {
    byte[] bytes = new byte[message.size()];
    message.bytes().get(bytes);
    write(out, Bytes.wrap(bytes));
  }

  private static Message readMessage(DataInputStream in) throws IOException {
    return Message.wrap(ByteBuffer.wrap(readBytes(in).toArray()));
  }

  private static void write(DataOutputStream out, Bytes bytes) throws IOException {
    out.writeInt(bytes.size());
    out.write(bytes.toArray());
  }

  private static Bytes readBytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return Bytes.wrap(bytes);
  }
}
