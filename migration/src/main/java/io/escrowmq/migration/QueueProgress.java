package io.escrowmq.migration;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TableRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How far a queue is copied: a row of the target, written in the same batch as the messages.
 *
 * <p>The key is {@code topic@number} of the target's queue. The value is, big-endian: int8 version
 * (1), int32 number at the source, int64 first offset, int64 next offset, int64 bytes copied, 32
 * bytes chain over everything copied, int64 next offset when it was compared last, 32 bytes chain
 * up to there, and the source's broker name in UTF-8.
 *
 * @param first where the copy began
 * @param next the next offset to copy
 * @param bytes size of what was copied
 * @param chain over what was copied, see {@link Chain}
 * @param comparedNext up to here the target was read back and found equal
 * @param comparedChain the chain up to there
 */
record QueueProgress(
    QueueId target,
    SourceQueue source,
    long first,
    long next,
    long bytes,
    Bytes chain,
    long comparedNext,
    Bytes comparedChain) {

  static final String TABLE = "migration-queues";

  private static final byte VERSION = 1;
  private static final int FIXED_BYTES =
      Byte.BYTES + Integer.BYTES + 4 * Long.BYTES + 2 * Chain.BYTES;

  /** A queue of which nothing is copied. */
  static QueueProgress begin(QueueId target, SourceQueue source, long first) {
    return new QueueProgress(target, source, first, first, 0, Chain.START, first, Chain.START);
  }

  /** After more was copied. */
  QueueProgress copied(long nextNow, long bytesNow, Bytes chainNow) {
    return new QueueProgress(
        target, source, first, nextNow, bytesNow, chainNow, comparedNext, comparedChain);
  }

  /** After all of it was compared. */
  QueueProgress compared() {
    return new QueueProgress(target, source, first, next, bytes, chain, next, chain);
  }

  Mutation.Put put() {
    byte[] broker = source.broker().getBytes(StandardCharsets.UTF_8);
    ByteBuffer value =
        ByteBuffer.allocate(FIXED_BYTES + broker.length)
            .put(VERSION)
            .putInt(source.number())
            .putLong(first)
            .putLong(next)
            .putLong(bytes)
            .put(chain.toArray())
            .putLong(comparedNext)
            .put(comparedChain.toArray())
            .put(broker);
    return new Mutation.Put(
        TABLE, Bytes.utf8(target.topic() + "@" + target.queue()), Bytes.wrap(value.array()));
  }

  static QueueProgress of(TableRow row) {
    String key = row.key().asUtf8();
    int at = key.lastIndexOf('@');
    QueueId target = new QueueId(key.substring(0, at), Integer.parseInt(key.substring(at + 1)));
    ByteBuffer value = ByteBuffer.wrap(row.value().toArray());
    byte version = value.get();
    if (version != VERSION) {
      throw new IllegalStateException(
          "the progress of " + target + " has the format " + version + " of a newer migration");
    }
    int number = value.getInt();
    long first = value.getLong();
    long next = value.getLong();
    long bytes = value.getLong();
    Bytes chain = chain(value);
    long comparedNext = value.getLong();
    Bytes comparedChain = chain(value);
    String broker = StandardCharsets.UTF_8.decode(value).toString();
    return new QueueProgress(
        target,
        new SourceQueue(broker, target.topic(), number),
        first,
        next,
        bytes,
        chain,
        comparedNext,
        comparedChain);
  }

  private static Bytes chain(ByteBuffer from) {
    byte[] chain = new byte[Chain.BYTES];
    from.get(chain);
    return Bytes.wrap(chain);
  }
}
