package io.escrowmq.migration;

import io.escrowmq.migration.MigrationException.Reason;
import io.escrowmq.node.OfflineStore;
import io.escrowmq.node.StorageCopy.Side;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import io.escrowmq.spi.storage.copy.CopyMark;
import io.escrowmq.spi.storage.copy.StoreCopy;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** The store of the server to be, while no server has it open. Not thread-safe; blocks. */
final class TargetStore implements AutoCloseable {

  private static final int PAGE = 256;
  private static final int QUEUES_PAGE = 1000;
  private static final Set<String> OWN_TABLES =
      Set.of(QueueProgress.TABLE, TargetState.TABLE, CopyMark.TABLE);

  private final Storage storage;
  private final Side side;

  private TargetStore(Storage storage, Side side) {
    this.storage = storage;
    this.side = side;
  }

  /** Opens it, creating what is missing. */
  static TargetStore open(Side side, StorageContext context) {
    return new TargetStore(OfflineStore.open(side, context), side);
  }

  Storage storage() {
    return storage;
  }

  /** What earlier runs left; empty for a store that no run has used. */
  Optional<TargetState> state() {
    return storage.tables().get(TargetState.TABLE, TargetState.KEY).map(TargetState::of);
  }

  /** How far each queue is, by its name here. */
  Map<QueueId, QueueProgress> progress() {
    Map<QueueId, QueueProgress> all = new HashMap<>();
    rows(
        QueueProgress.TABLE,
        row -> {
          QueueProgress progress = QueueProgress.of(row);
          all.put(progress.target(), progress);
        });
    return all;
  }

  /**
   * Makes sure that this run may write here: the store is empty, or holds nothing but what earlier
   * runs from the same cluster wrote.
   */
  void check(String source) {
    Optional<String> unfinished = CopyMark.of(storage);
    Optional<TargetState> state = state();
    if (state.isEmpty()) {
      if (unfinished.isPresent() || !StoreCopy.isEmpty(storage)) {
        throw notUsable(
            unfinished.map(it -> "holds a part of " + it).orElse("is not empty"),
            "Migrate into a new directory, or an empty schema of the database.");
      }
    } else {
      if (!state.get().source().equals(source)) {
        throw notUsable(
            "was filled from the cluster " + state.get().source() + ", and this one is " + source,
            "Name the same cluster, or migrate into a new store.");
      }
      checkUntouched(state.get(), unfinished.isPresent());
    }
    StorageHealth health = storage.maintenance().health();
    if (!health.writable()) {
      throw notUsable("is " + health.state() + ": " + health.reason(), health.remedy());
    }
  }

  private void checkUntouched(TargetState state, boolean unfinished) {
    Map<QueueId, QueueProgress> progress = progress();
    boolean same = storage.escrow().counts().isEmpty() && sameEnds(progress);
    // While the mark is there no server opens the store, and the rows are in the making.
    if (!same || !unfinished && !fingerprint().equals(state.fingerprint())) {
      throw notUsable(
          "was used by a server since it was migrated: what it did would be mixed with this run",
          "Leave this store to its server and move the rest by consuming it from the old cluster"
              + " (docs/operating/migration.md, 'Side by side'), or migrate into a new store.");
    }
  }

  private boolean sameEnds(Map<QueueId, QueueProgress> progress) {
    Optional<QueueId> after = Optional.empty();
    List<QueueId> page;
    do {
      page = storage.log().queues(after, QUEUES_PAGE);
      for (QueueId queue : page) {
        QueueProgress known = progress.get(queue);
        QueueBounds bounds = storage.log().bounds(queue);
        if (known == null || bounds.min() != known.first() || bounds.max() != known.next()) {
          return false;
        }
        after = Optional.of(queue);
      }
    } while (page.size() == QUEUES_PAGE);
    return true;
  }

  /** Keeps servers out until {@link #release}, and remembers where everything comes from. */
  void reserve(String source, String nameServers) {
    CopyMark.set(
        storage,
        "the RocketMQ cluster " + source + " (./mq migrate --from " + nameServers + ")",
        "Run the same './mq migrate' again; it goes on where it was. Only to give it up, delete"
            + " what is in the store (the files of that directory; for jdbc the mq_ tables of its"
            + " schema).");
    if (state().isEmpty()) {
      write(List.of(TargetState.begin(source).put()));
    }
  }

  /** Lets a server open the store. */
  void release() {
    TargetState state = state().orElseThrow();
    write(List.of(state.ended(fingerprint()).put()));
    CopyMark.clear(storage);
  }

  /** Digest of all rows that a server reads and writes. */
  private Bytes fingerprint() {
    MessageDigest digest = sha256();
    for (String table : storage.tables().names()) {
      if (!OWN_TABLES.contains(table)) {
        update(digest, Bytes.utf8(table));
        rows(
            table,
            row -> {
              update(digest, row.key());
              update(digest, row.value());
            });
      }
    }
    return Bytes.wrap(digest.digest());
  }

  private static void update(MessageDigest digest, Bytes bytes) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.size()).flip());
    digest.update(bytes.toArray());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private void rows(String table, Consumer<TableRow> each) {
    Optional<Bytes> after = Optional.empty();
    List<TableRow> page;
    do {
      page = storage.tables().scan(table, Bytes.EMPTY, after, PAGE);
      page.forEach(each);
      after = page.isEmpty() ? after : Optional.of(page.getLast().key());
    } while (page.size() == PAGE);
  }

  /** Writes a batch and waits for it. */
  void write(List<? extends Mutation> mutations) {
    await(send(mutations));
  }

  /** Writes a batch; wait for it before the next one, so that none is missing between two. */
  CompletableFuture<WriteReceipt> send(List<? extends Mutation> mutations) {
    return storage
        .write(new WriteBatch(List.copyOf(mutations), Optional.of(Durability.WRITTEN)))
        .toCompletableFuture();
  }

  /** Waits for a batch. */
  WriteReceipt await(CompletableFuture<WriteReceipt> batch) {
    try {
      return batch.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StorageException cause) {
        throw new MigrationException(
            Reason.FAILED,
            side.name() + ": " + cause.getMessage(),
            cause.remedy() + " Then run again; it goes on where it was.",
            cause);
      }
      throw e;
    }
  }

  /** Makes everything written so far durable and quick to open. */
  void checkpoint() {
    storage.maintenance().checkpoint();
  }

  private MigrationException notUsable(String what, String remedy) {
    return new MigrationException(Reason.NOT_POSSIBLE, side.name() + " " + what, remedy);
  }

  @Override
  public void close() {
    storage.close();
  }
}
