package io.escrowmq.spi.storage.copy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * The row that a store carries while it is being filled: the first thing written, and the last one
 * removed, when everything else is durable and compared. Nobody may serve from a store that has it.
 */
public final class CopyMark {

  /** The table of the row; not copied. */
  public static final String TABLE = "storage-copy";

  private static final Bytes KEY = Bytes.utf8("unfinished");
  private static final Bytes REMEDY_KEY = Bytes.utf8("unfinished-remedy");

  private CopyMark() {}

  /** What is being copied into this store; empty for a store that may serve. Blocks for I/O. */
  public static Optional<String> of(Storage storage) {
    return storage.tables().get(TABLE, KEY).map(TableRow::value).map(Bytes::asUtf8);
  }

  /** What the filler said is to be done about the mark. Blocks for I/O. */
  public static Optional<String> remedy(Storage storage) {
    return storage.tables().get(TABLE, REMEDY_KEY).map(TableRow::value).map(Bytes::asUtf8);
  }

  /** Marks a store. Returns when that is durable. */
  public static void set(Storage target, String whatIsCopied) {
    write(target, new Mutation.Put(TABLE, KEY, Bytes.utf8(whatIsCopied)));
  }

  /**
   * Marks a store. Returns when that is durable.
   *
   * @param remedy what whoever finds the mark should do, a sentence or two
   */
  public static void set(Storage target, String whatIsCopied, String remedy) {
    write(
        target,
        new Mutation.Put(TABLE, KEY, Bytes.utf8(whatIsCopied)),
        new Mutation.Put(TABLE, REMEDY_KEY, Bytes.utf8(remedy)));
  }

  /** Lets a store serve. Returns when that, and everything written before, is durable. */
  public static void clear(Storage target) {
    write(target, new Mutation.Delete(TABLE, KEY), new Mutation.Delete(TABLE, REMEDY_KEY));
  }

  private static void write(Storage target, Mutation... mutations) {
    WriteBatch batch = new WriteBatch(List.of(mutations), Optional.of(Durability.DURABLE));
    try {
      target.write(batch).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
