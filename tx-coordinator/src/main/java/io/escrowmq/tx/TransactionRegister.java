package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HeldMessage;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Answers questions about transactions, open and decided. Nothing is kept in memory: undecided ones
 * are read from the store's holds, decided ones from the audit trail. A page looks at a bounded
 * number of both, so an answer may have fewer entries than wanted, even none, and still not be the
 * last: only the absence of a cursor says so. With a unique key, only what may have that key is
 * looked at. Blocks. Thread-safe.
 */
public final class TransactionRegister {

  /** Holds or audit records looked at for one page. */
  static final int MAX_LOOKED_AT = 20_000;

  private static final int SCAN_PAGE = 512;
  private static final int KEY_PAGE = 64;
  private static final int MAX_EVENTS = 200;

  private final Storage storage;
  private final TimeSource time;
  private final AuditReader audit;

  TransactionRegister(Storage storage, TimeSource time) {
    this.storage = storage;
    this.time = time;
    this.audit = new AuditReader(storage);
  }

  /**
   * A page of entries: parked ones first, then held ones, both in no order that means something,
   * then decided ones, newest first.
   *
   * @param cursor where to go on; empty if that was all
   */
  public record Page(List<RegisterEntry> entries, Optional<String> cursor) {}

  /**
   * A transaction with its history.
   *
   * @param events its audit records, newest first
   */
  public record Details(RegisterEntry entry, List<AuditRecord> events) {}

  /**
   * Which audit records are wanted.
   *
   * @param events {@code DECIDED}, {@code CONFLICT} and others; empty for all
   * @param fromMs store time of the first, inclusive, milliseconds since the epoch
   * @param toMs store time of the last, exclusive, milliseconds since the epoch
   * @param newestFirst the order
   * @param limit most records wanted, at least 1
   * @param cursor what the previous page gave; empty for the first page
   */
  public record EventQuery(
      Set<String> events,
      long fromMs,
      long toMs,
      boolean newestFirst,
      int limit,
      Optional<String> cursor) {
    public EventQuery {
      events = Set.copyOf(events);
    }
  }

  /**
   * A page of audit records.
   *
   * @param complete false if the trail no longer reaches back to the beginning of the range
   * @param cursor where to go on; empty if that was all
   */
  public record Events(List<AuditRecord> events, boolean complete, Optional<String> cursor) {}

  /**
   * Lists transactions.
   *
   * @throws IllegalArgumentException if the cursor is not one that this register gave
   */
  public Page list(RegisterQuery query) {
    Walk walk = new Walk(query);
    Optional<Cursor> at = Optional.of(query.cursor().map(Cursor::parse).orElse(Cursor.FIRST));
    while (at.isPresent() && walk.goesOn()) {
      at = step(walk, at.get());
    }
    return new Page(walk.found, at.map(Cursor::toString));
  }

  /** A transaction and what happened to it, or empty if the store knows nothing of it. */
  public Optional<Details> find(Handle handle) {
    List<AuditRecord> events =
        audit.byKey(handle.toString(), MAX_EVENTS, Optional.empty()).records().stream()
            .filter(record -> record.handle().equals(handle))
            .toList();
    Optional<AuditRecord> decided =
        events.stream().filter(record -> record.decision().isPresent()).findFirst();
    if (decided.isPresent()) {
      return Optional.of(new Details(decided(decided.get()), events));
    }
    Optional<HeldMessage> held = storage.escrow().get(handle.holdId());
    if (held.isPresent()) {
      return open(held.get().entry()).map(entry -> new Details(entry, events));
    }
    return forgotten(handle).map(entry -> new Details(entry, events));
  }

  /**
   * Audit records of a stretch of time.
   *
   * @throws IllegalArgumentException if the cursor is not one that this register gave
   */
  public Events events(EventQuery query) {
    long from = audit.offsetAt(query.fromMs());
    long end = query.toMs() == Long.MAX_VALUE ? audit.bounds().max() : audit.offsetAt(query.toMs());
    // What was before the trail's first record is gone, unless the trail begins there by itself.
    boolean complete = from > audit.bounds().min() || audit.bounds().min() == 0;
    Optional<Long> cursor = query.cursor().map(text -> Cursor.parse(text).offset());
    AuditReader.Page page =
        query.newestFirst()
            ? audit.backward(cursor.orElse(end), from, query.limit(), MAX_LOOKED_AT, wanted(query))
            : audit.forward(cursor.orElse(from), end, query.limit(), MAX_LOOKED_AT, wanted(query));
    return new Events(
        page.records(), complete, page.next().map(next -> Cursor.audit(next).toString()));
  }

  /** The offset of the message that a decision made visible; -1 if it is not known or not there. */
  public long queueOffset(Handle handle) {
    HoldStatus status = storage.escrow().status(handle.holdId());
    return status.state() == HoldStatus.State.RELEASED ? status.queueOffset() : -1;
  }

  private static java.util.function.Predicate<AuditRecord> wanted(EventQuery query) {
    return record -> query.events().isEmpty() || query.events().contains(record.event());
  }

  /** One answer in the making. */
  private static final class Walk {
    final RegisterQuery query;
    final List<RegisterEntry> found = new ArrayList<>();
    int lookedAt;

    Walk(RegisterQuery query) {
      this.query = query;
    }

    boolean goesOn() {
      return found.size() < query.limit() && lookedAt < MAX_LOOKED_AT;
    }

    int room() {
      return query.limit() - found.size();
    }

    boolean wants(RegisterState state) {
      return query.states().contains(state);
    }
  }

  private Optional<Cursor> step(Walk walk, Cursor at) {
    return switch (at.source()) {
      case PARKED ->
          walk.wants(RegisterState.PARKED)
              ? held(walk, HoldKind.PARKED, at).or(() -> Optional.of(Cursor.HELD))
              : Optional.of(Cursor.HELD);
      case HELD ->
          walk.wants(RegisterState.HELD)
              ? held(walk, HoldKind.TRANSACTION, at).or(() -> Optional.of(Cursor.DECIDED))
              : Optional.of(Cursor.DECIDED);
      case DECIDED -> {
        if (!walk.wants(RegisterState.COMMITTED) && !walk.wants(RegisterState.ROLLED_BACK)) {
          yield Optional.empty();
        }
        yield walk.query.uniqueKey().isPresent() ? byKey(walk, at) : byTime(walk, at);
      }
    };
  }

  /**
   * One page of holds; empty if there are no more. With a unique key only those whose handles may
   * belong to it, which lie together.
   */
  private Optional<Cursor> held(Walk walk, HoldKind kind, Cursor at) {
    Optional<Long> prefix = walk.query.uniqueKey().map(Handles::prefix);
    Optional<HoldId> after = at.hold().or(() -> prefix.map(Handles::before));
    int size = prefix.isPresent() ? KEY_PAGE : SCAN_PAGE;
    List<HoldEntry> page = storage.escrow().scan(kind, after, size);
    for (HoldEntry entry : page) {
      walk.lookedAt++;
      if (prefix.isPresent() && !Handles.hasPrefix(entry.id(), prefix.get())) {
        return Optional.empty();
      }
      open(entry).filter(it -> matches(walk.query, entry, it)).ifPresent(walk.found::add);
      if (!walk.goesOn()) {
        return Optional.of(Cursor.hold(at.source(), entry.id()));
      }
    }
    return page.size() < size
        ? Optional.empty()
        : Optional.of(Cursor.hold(at.source(), page.getLast().id()));
  }

  private Optional<Cursor> byTime(Walk walk, Cursor at) {
    long below = at.position().isEmpty() ? audit.bounds().max() : at.offset();
    AuditReader.Page page =
        audit.backward(
            below,
            0,
            walk.room(),
            MAX_LOOKED_AT - walk.lookedAt,
            record -> matches(walk.query, record));
    page.records().forEach(record -> walk.found.add(decided(record)));
    walk.lookedAt = MAX_LOOKED_AT;
    return page.next().map(Cursor::audit);
  }

  private Optional<Cursor> byKey(Walk walk, Cursor at) {
    String key = walk.query.uniqueKey().orElseThrow();
    int page = Math.min(KEY_PAGE, walk.room());
    AuditReader.Found found = audit.byKey(HoldAttributes.shortened(key), page, at.continuation());
    walk.lookedAt += KEY_PAGE;
    found.records().stream()
        .filter(record -> matches(walk.query, record))
        .forEach(record -> walk.found.add(decided(record)));
    return found.continuation().map(Cursor::key);
  }

  private boolean matches(RegisterQuery query, HoldEntry hold, RegisterEntry entry) {
    return query.states().contains(entry.state())
        && query.producerGroup().filter(it -> !it.equals(entry.producerGroup())).isEmpty()
        && query.topic().filter(it -> !it.equals(hold.queue().topic())).isEmpty()
        && query.uniqueKey().filter(it -> !sameKey(it, entry.uniqueKey())).isEmpty()
        && oldEnough(query, entry.heldAtMs());
  }

  private boolean matches(RegisterQuery query, AuditRecord record) {
    return record.decision().map(it -> query.states().contains(state(it))).orElse(false)
        && query.producerGroup().filter(it -> !it.equals(record.producerGroup())).isEmpty()
        && query.topic().filter(it -> !it.equals(record.topic())).isEmpty()
        && query.uniqueKey().filter(it -> !sameKey(it, record.uniqueKey())).isEmpty()
        && oldEnough(query, record.number("heldAt"));
  }

  private static boolean sameKey(String wanted, String stored) {
    return HoldAttributes.shortened(wanted).equals(stored);
  }

  private boolean oldEnough(RegisterQuery query, long heldAtMs) {
    return query.minAgeMs() <= 0 || time.nowMs() - heldAtMs >= query.minAgeMs();
  }

  /** An undecided transaction; empty if it is decided and waits, or if it is something else. */
  private static Optional<RegisterEntry> open(HoldEntry hold) {
    Optional<HoldAttributes> attributes = HoldAttributes.decode(hold.attributes());
    Optional<Handle> handle = Handle.of(hold.id());
    if (attributes.isEmpty() || handle.isEmpty() || attributes.get().decided().isPresent()) {
      return Optional.empty();
    }
    HoldAttributes it = attributes.get();
    return Optional.of(
        new RegisterEntry(
            handle.get(),
            it.parked().isPresent() ? RegisterState.PARKED : RegisterState.HELD,
            it.producerGroup(),
            it.uniqueKey(),
            hold.queue().toString(),
            it.heldAtMs(),
            it.attempts(),
            it.deliverAtMs(),
            Optional.of(
                new RegisterEntry.Open(
                    it.sender(),
                    hold.wakeAtMs() == Mutation.Hold.NEVER ? -1 : hold.wakeAtMs(),
                    it.lastAsked(),
                    it.lastAskedAtMs(),
                    it.parked())),
            Optional.empty()));
  }

  private RegisterEntry decided(AuditRecord record) {
    Decision decision = record.decision().orElseThrow();
    return new RegisterEntry(
        record.handle(),
        state(decision),
        record.producerGroup(),
        record.uniqueKey(),
        record.queue(),
        record.number("heldAt"),
        (int) record.number("attempts"),
        record.number("deliverAt"),
        Optional.empty(),
        Optional.of(
            new RegisterEntry.Decided(
                decision,
                record.by(),
                record.identity(),
                record.reason(),
                record.atMs(),
                decision == Decision.COMMIT ? queueOffset(record.handle()) : -1)));
  }

  /** What is left of a decided transaction whose audit record is gone. */
  private Optional<RegisterEntry> forgotten(Handle handle) {
    HoldStatus status = storage.escrow().status(handle.holdId());
    return switch (status.state()) {
      case HELD, UNKNOWN -> Optional.empty();
      case RELEASED -> Optional.of(bare(handle, Decision.COMMIT, status));
      case DISCARDED -> Optional.of(bare(handle, Decision.ROLLBACK, status));
    };
  }

  private static RegisterEntry bare(Handle handle, Decision decision, HoldStatus status) {
    return new RegisterEntry(
        handle,
        state(decision),
        "",
        "",
        "",
        -1,
        -1,
        -1,
        Optional.empty(),
        Optional.of(
            new RegisterEntry.Decided(
                decision, "", "", "", status.decidedAtMs(), status.queueOffset())));
  }

  private static RegisterState state(Decision decision) {
    return switch (decision) {
      case COMMIT -> RegisterState.COMMITTED;
      case ROLLBACK -> RegisterState.ROLLED_BACK;
    };
  }

  /** Where a listing is: a source and a position in it, as an opaque text for callers. */
  private record Cursor(Source source, String position) {

    static final Cursor FIRST = new Cursor(Source.PARKED, "");
    static final Cursor HELD = new Cursor(Source.HELD, "");
    static final Cursor DECIDED = new Cursor(Source.DECIDED, "");

    enum Source {
      PARKED,
      HELD,
      DECIDED
    }

    static Cursor hold(Source source, HoldId id) {
      return new Cursor(source, id.toString());
    }

    static Cursor audit(long offset) {
      return new Cursor(Source.DECIDED, Long.toString(offset));
    }

    static Cursor key(Bytes continuation) {
      return new Cursor(Source.DECIDED, continuation.toString());
    }

    static Cursor parse(String text) {
      int dot = text.indexOf('.');
      try {
        return new Cursor(
            Source.valueOf(text.substring(0, Math.max(0, dot))), text.substring(dot + 1));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("not a cursor of this register: " + text, e);
      }
    }

    Optional<HoldId> hold() {
      return position.isEmpty() ? Optional.empty() : Optional.of(HoldId.parse(position));
    }

    long offset() {
      return Long.parseLong(position);
    }

    Optional<Bytes> continuation() {
      return position.isEmpty()
          ? Optional.empty()
          : Optional.of(Bytes.wrap(java.util.HexFormat.of().parseHex(position)));
    }

    @Override
    public String toString() {
      return source + "." + position;
    }
  }
}
