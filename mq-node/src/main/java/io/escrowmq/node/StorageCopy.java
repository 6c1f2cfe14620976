package io.escrowmq.node;

import io.escrowmq.node.StorageCopyException.Reason;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.copy.CopyFailure;
import io.escrowmq.spi.storage.copy.CopyFigures;
import io.escrowmq.spi.storage.copy.CopyListener;
import io.escrowmq.spi.storage.copy.CopyMark;
import io.escrowmq.spi.storage.copy.StoreComparison;
import io.escrowmq.spi.storage.copy.StoreCopy;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Moves the data of a stopped server into an empty store of any engine: verifies the source, copies
 * everything, opens the target again and compares it with the source. Only then may a server open
 * the target. Neither store forgets anything meanwhile. One run; blocks.
 */
public final class StorageCopy {

  /** What to do with a target that was not filled to the end. */
  static final String REMEDY =
      "Delete what is in it (the files of that directory; for jdbc the mq_ tables of its schema)"
          + " and run './mq storage copy' again; the source is whole.";

  private final Side from;
  private final Side to;
  private final boolean acceptDegraded;
  private final StorageContext context;

  /**
   * A store.
   *
   * @param type id of its engine
   * @param settings as its server has them
   * @param name for people; without a password
   */
  public record Side(String type, StorageSettings settings, String name) {}

  /** Hears what is done. */
  public interface Progress extends CopyListener {

    /** The next part of the work begins. */
    void begins(String what);
  }

  /**
   * A copy that is not begun yet.
   *
   * @param acceptDegraded copies from a source although its engine says that attention is due
   */
  public StorageCopy(Side from, Side to, boolean acceptDegraded, StorageContext context) {
    this.from = from;
    this.to = to;
    this.acceptDegraded = acceptDegraded;
    this.context = context;
  }

  /**
   * Copies and compares.
   *
   * @throws StorageCopyException if that is not possible, or the copy is not equal
   */
  public CopyFigures run(Progress progress) {
    if (from.type().equals(to.type()) && from.name().equals(to.name())) {
      throw new StorageCopyException(
          Reason.NOT_USABLE, "both sides are " + from.name(), "Name two different stores.", null);
    }
    if (!OfflineStore.exists(from)) {
      throw new StorageCopyException(
          Reason.NO_SOURCE,
          "there is no store: " + from.name(),
          "Name the engine and the data directory as the server had them.",
          null);
    }
    try (Storage source = OfflineStore.open(from, context)) {
      progress.begins("verifying " + from.name());
      checkSource(source);
      try (Storage target = OfflineStore.open(to, context)) {
        checkTarget(target);
        progress.begins("copying into " + to.name());
        copying(() -> new StoreCopy(source, target, progress).run(from.name()));
      }
      // Opened again, so that what is compared is what a server would find.
      try (Storage target = OfflineStore.open(to, context)) {
        progress.begins("comparing " + to.name() + " with " + from.name());
        CopyFigures same = copying(() -> new StoreComparison(source, target, progress).run());
        copying(() -> {
          CopyMark.clear(target);
          return same;
        });
        return same;
      }
    }
  }

  private void checkSource(Storage source) {
    Optional<String> unfinished = CopyMark.of(source);
    if (unfinished.isPresent()) {
      throw new StorageCopyException(
          Reason.NOT_USABLE,
          from.name()
              + " is itself the target of a copy that did not finish, of "
              + unfinished.get(),
          "Copy from the store that it was copied from.",
          null);
    }
    StorageHealth health = source.maintenance().health();
    boolean inOrder =
        health.state() == StorageHealth.State.UP
            || health.state() == StorageHealth.State.DEGRADED && acceptDegraded;
    if (!inOrder) {
      throw new StorageCopyException(
          Reason.NOT_USABLE,
          from.name() + " is " + health.state() + ": " + health.reason(),
          health.remedy()
              + (health.state() == StorageHealth.State.DEGRADED
                  ? " Or copy from it as it is, with --accept-degraded."
                  : ""),
          null);
    }
    OfflineStore.opening(from, () -> source.maintenance().verify());
  }

  private void checkTarget(Storage target) {
    Optional<String> unfinished = CopyMark.of(target);
    if (unfinished.isPresent()) {
      throw new StorageCopyException(
          Reason.NOT_USABLE,
          to.name() + " holds a part of " + unfinished.get() + ", from a copy that did not finish",
          CopyMark.remedy(target).orElse(REMEDY),
          null);
    }
    if (!StoreCopy.isEmpty(target)) {
      throw new StorageCopyException(
          Reason.NOT_USABLE,
          to.name() + " is not empty",
          "Copy into a new directory, or an empty schema of the database.",
          null);
    }
    StorageHealth health = target.maintenance().health();
    if (!health.writable()) {
      throw new StorageCopyException(
          Reason.NOT_USABLE,
          to.name() + " is " + health.state() + ": " + health.reason(),
          health.remedy(),
          null);
    }
  }

  private <T> T copying(Supplier<T> work) {
    try {
      return work.get();
    } catch (CopyFailure e) {
      throw new StorageCopyException(Reason.FAILED, String.valueOf(e.getMessage()), e.remedy(), e);
    } catch (StorageException e) {
      throw new StorageCopyException(
          Reason.FAILED, "the copy broke off: " + e.getMessage(), e.remedy() + " " + REMEDY, e);
    }
  }
}
