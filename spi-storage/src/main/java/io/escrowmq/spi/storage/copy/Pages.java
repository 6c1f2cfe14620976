package io.escrowmq.spi.storage.copy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/** Everything of one sort in a store, read a page at a time. Not thread-safe. */
final class Pages<T> implements Iterator<T> {

  private static final int PAGE = 1000;

  /** Rows may be a megabyte each. */
  private static final int ROWS_PAGE = 64;

  private final Function<Optional<T>, List<T>> read;
  private final int size;
  private Iterator<T> page;
  private Optional<T> last = Optional.empty();
  private boolean more = true;

  private Pages(int size, Function<Optional<T>, List<T>> read) {
    this.size = size;
    this.read = read;
    this.page = List.<T>of().iterator();
  }

  static Pages<QueueId> queues(Storage storage) {
    return new Pages<>(PAGE, after -> storage.log().queues(after, PAGE));
  }

  static Pages<HoldEntry> holds(Storage storage, HoldKind kind) {
    return new Pages<>(PAGE, after -> storage.escrow().scan(kind, after.map(HoldEntry::id), PAGE));
  }

  static Pages<DecidedHold> decisions(Storage storage) {
    return new Pages<>(PAGE, after -> storage.escrow().decided(after.map(DecidedHold::id), PAGE));
  }

  static Pages<TableRow> rows(Storage storage, String table) {
    return new Pages<>(
        ROWS_PAGE,
        after -> storage.tables().scan(table, Bytes.EMPTY, after.map(TableRow::key), ROWS_PAGE));
  }

  @Override
  public boolean hasNext() {
    if (!page.hasNext() && more) {
      List<T> loaded = read.apply(last);
      more = loaded.size() >= size;
      page = loaded.iterator();
    }
    return page.hasNext();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the last page is read");
    }
    T next = page.next();
    last = Optional.of(next);
    return next;
  }
}
