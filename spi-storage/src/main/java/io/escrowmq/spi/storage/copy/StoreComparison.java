package io.escrowmq.spi.storage.copy;

import io.escrowmq.spi.storage.DecidedHold;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * Reads two stores from end to end and finds the first difference, positions and row versions
 * aside. Nothing may write to them meanwhile. One run; not thread-safe; blocks.
 */
public final class StoreComparison {

  private static final ReadLimits PAGE = new ReadLimits(1024, 1 << 20);

  private final Storage source;
  private final Storage target;
  private final CopyListener listener;
  private long total;
  private long done;

  public StoreComparison(Storage source, Storage target, CopyListener listener) {
    this.source = source;
    this.target = target;
    this.listener = listener;
  }

  /**
   * Compares.
   *
   * @return what both have
   * @throws CopyFailure naming the first difference
   */
  public CopyFigures run() {
    total = StoreCopy.totalMessages(source) + StoreCopy.totalHolds(source);
    List<QueueId> queues = sameQueues();
    long messages = 0;
    long messageBytes = 0;
    for (QueueId queue : queues) {
      messages += source.log().bounds(queue).size();
      messageBytes += sameMessages(queue);
    }
    long holds = 0;
    for (HoldKind kind : HoldKind.values()) {
      holds += sameHolds(kind);
    }
    same("counts of holds", source.escrow().counts(), target.escrow().counts());
    long decisions = sameDecisions();
    long rows = sameRows();
    return new CopyFigures(queues.size(), messages, messageBytes, holds, decisions, rows);
  }

  private List<QueueId> sameQueues() {
    List<QueueId> wanted = sorted(Pages.queues(source));
    List<QueueId> found = sorted(Pages.queues(target));
    same("number of queues", wanted.size(), found.size());
    for (int i = 0; i < wanted.size(); i++) {
      same("queue", wanted.get(i), found.get(i));
    }
    return wanted;
  }

  private static List<QueueId> sorted(Iterator<QueueId> queues) {
    List<QueueId> all = new ArrayList<>();
    queues.forEachRemaining(all::add);
    Collections.sort(all);
    return all;
  }

  private long sameMessages(QueueId queue) {
    QueueBounds bounds = source.log().bounds(queue);
    same("bounds of " + queue, bounds, target.log().bounds(queue));
    QueueCursor wanted = new QueueCursor(source.log(), queue, bounds, PAGE);
    QueueCursor found = new QueueCursor(target.log(), queue, bounds, PAGE);
    long bytes = 0;
    while (wanted.hasNext() && found.hasNext()) {
      Message message = wanted.next();
      if (!sameBytes(message, found.next())) {
        throw difference(
            "the message at offset " + message.queueOffset() + " of " + queue, message, "another");
      }
      bytes += message.size();
      step();
    }
    return bytes;
  }

  /** Everything but the position, which lies between the queue offset and the system flag. */
  private static boolean sameBytes(Message wanted, Message found) {
    int position = MessageFormat.QUEUE_OFFSET + Long.BYTES;
    int rest = position + Long.BYTES;
    ByteBuffer a = wanted.bytes();
    ByteBuffer b = found.bytes();
    return wanted.size() == found.size()
        && a.slice(0, position).equals(b.slice(0, position))
        && a.slice(rest, wanted.size() - rest).equals(b.slice(rest, wanted.size() - rest));
  }

  private long sameHolds(HoldKind kind) {
    Iterator<HoldEntry> wanted = Pages.holds(source, kind);
    Iterator<HoldEntry> found = Pages.holds(target, kind);
    long holds = 0;
    while (wanted.hasNext() && found.hasNext()) {
      HoldEntry entry = wanted.next();
      same("hold", entry, found.next());
      Message message = StoreCopy.held(source, entry).message().stamped(0, 0, 0);
      Message copy = StoreCopy.held(target, entry).message().stamped(0, 0, 0);
      same("the message of hold " + entry.id(), message, copy);
      holds++;
      step();
    }
    same("more holds of kind " + kind, wanted.hasNext(), found.hasNext());
    return holds;
  }

  private long sameDecisions() {
    Iterator<DecidedHold> wanted = Pages.decisions(source);
    Iterator<DecidedHold> found = Pages.decisions(target);
    long decisions = 0;
    while (wanted.hasNext() && found.hasNext()) {
      same("decision", comparable(wanted.next()), comparable(found.next()));
      decisions++;
    }
    same("more decisions", wanted.hasNext(), found.hasNext());
    return decisions;
  }

  private static DecidedHold comparable(DecidedHold decided) {
    return new DecidedHold(decided.id(), StoreCopy.withoutPosition(decided.status()));
  }

  private long sameRows() {
    List<String> tables = tables(source);
    same("tables", tables, tables(target));
    long rows = 0;
    for (String table : tables) {
      Iterator<TableRow> wanted = Pages.rows(source, table);
      Iterator<TableRow> found = Pages.rows(target, table);
      while (wanted.hasNext() && found.hasNext()) {
        TableRow row = wanted.next();
        TableRow copy = found.next();
        same("key in table " + table, row.key(), copy.key());
        if (!row.value().equals(copy.value())) {
          // Values may be secrets.
          throw difference(
              "the value of key " + row.key() + " in table " + table,
              row.value().size() + " bytes",
              copy.value().size() + " other bytes");
        }
        rows++;
      }
      same("more rows in table " + table, wanted.hasNext(), found.hasNext());
    }
    return rows;
  }

  private static List<String> tables(Storage storage) {
    return storage.tables().names().stream().filter(name -> !name.equals(CopyMark.TABLE)).toList();
  }

  private void step() {
    listener.progress(CopyStep.COMPARISON, ++done, total);
  }

  private static void same(String what, Object wanted, Object found) {
    if (!Objects.equals(wanted, found)) {
      throw difference(what, wanted, found);
    }
  }

  private static CopyFailure difference(String what, Object wanted, Object found) {
    return new CopyFailure(
        what + " differs: the source has " + wanted + ", the target has " + found,
        "Do not use the target. Copy again into a new one while nothing writes to the source; if"
            + " the difference comes back, keep both and report it.");
  }
}
