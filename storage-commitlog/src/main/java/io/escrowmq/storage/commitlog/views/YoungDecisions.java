package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.HoldId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decisions that are not in the database yet. Changes are the sequencer's; look-ups are thread-safe
 * and see what was shown.
 */
final class YoungDecisions {

  private static final int MOST = 1 << 19;
  private static final int SLOTS = 1 << 18;

  private static final int HIGH = 0;
  private static final int LOW = 1;
  private static final int OFFSET = 2;
  private static final int POSITION = 3;

  /** Time of the decision, times two, plus one if it was a release; -1 if it was forgotten. */
  private static final int TIME = 4;

  private static final int WORDS = 5;
  private static final long FORGOTTEN = -1;

  private final Generations generations =
      new Generations(() -> YoungRows.hashed(WORDS, MOST, SLOTS));
  private final List<Forgotten> underWay = new ArrayList<>();

  /** A decision that was forgotten while it was on its way into the database. */
  private record Forgotten(HoldId id, Decision decision) {}

  /** What was decided about the id, if it is here. */
  @Nullable Decision find(HoldId id) {
    Decision[] found = new Decision[1];
    generations.find(
        hash(id),
        (rows, row) -> {
          if (is(rows, row, id)) {
            found[0] = decision(rows, row);
          }
          return found[0] == null;
        });
    return found[0];
  }

  /** Visits all, in no order; one may be visited twice. */
  void forEach(BiConsumer<HoldId, Decision> visitor) {
    generations.forEach((rows, row) -> {
      if (rows.get(row, TIME) != FORGOTTEN) {
        visitor.accept(id(rows, row), decision(rows, row));
      }
      return true;
    });
  }

  /** Adds a decision; false if there is no room. Seen after {@link YoungRows#show()}. */
  boolean add(HoldId id, Decision decision) {
    YoungRows rows = generations.current();
    if (rows.isFull()) {
      return false;
    }
    rows.add(
        hash(id),
        id.high(),
        id.low(),
        decision.queueOffset(),
        decision.position(),
        decision.decidedAtMs() << 1 | (decision.released() ? 1 : 0));
    return true;
  }

  /** Forgets an expired decision, if it is here. */
  void forget(HoldId id, Decision decision) {
    forgetIn(generations.current(), id);
    YoungRows sealed = generations.sealed();
    if (sealed != null && forgetIn(sealed, id)) {
      underWay.add(new Forgotten(id, decision));
    }
  }

  /** Where they are. */
  Generations generations() {
    return generations;
  }

  /** The sealed ones are in the database: takes those out again that were forgotten meanwhile. */
  void dropSealed(BiConsumer<HoldId, Decision> forgotten) {
    generations.dropSealed();
    underWay.forEach(gone -> forgotten.accept(gone.id(), gone.decision()));
    underWay.clear();
  }

  /** Adds decisions to the database. */
  static void store(YoungRows rows, RowSink sink) {
    Generations.inOrder(
        rows,
        HIGH,
        row -> {
          if (rows.get(row, TIME) != FORGOTTEN) {
            sink.put(ViewFamily.DECIDED, Keys.decided(id(rows, row)), decision(rows, row).encode());
          }
        });
    for (int row = 0; row < rows.size(); row++) {
      if (rows.get(row, TIME) != FORGOTTEN) {
        long decidedAtMs = rows.get(row, TIME) >> 1;
        sink.mark(ViewFamily.DECIDED_AT, Keys.decidedAt(decidedAtMs, id(rows, row)));
      }
    }
  }

  private static boolean forgetIn(YoungRows rows, HoldId id) {
    boolean[] found = {false};
    rows.findAll(
        hash(id),
        row -> {
          if (is(rows, row, id)) {
            rows.set(row, TIME, FORGOTTEN);
            found[0] = true;
          }
          return true;
        });
    return found[0];
  }

  private static boolean is(YoungRows rows, int row, HoldId id) {
    return rows.get(row, LOW) == id.low()
        && rows.get(row, HIGH) == id.high()
        && rows.get(row, TIME) != FORGOTTEN;
  }

  private static HoldId id(YoungRows rows, int row) {
    return new HoldId(rows.get(row, HIGH), rows.get(row, LOW));
  }

  private static Decision decision(YoungRows rows, int row) {
    long time = rows.get(row, TIME);
    return new Decision((time & 1) == 1, rows.get(row, OFFSET), rows.get(row, POSITION), time >> 1);
  }

  private static long hash(HoldId id) {
    return id.high() * 31 + id.low();
  }
}
