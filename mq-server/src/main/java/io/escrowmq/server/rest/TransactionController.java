package io.escrowmq.server.rest;

import io.escrowmq.server.rest.TransactionView.EventView;
import io.escrowmq.server.rest.TransactionView.ProposalView;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import io.escrowmq.spi.protocol.transactions.TransactionDesk.Verdict;
import io.escrowmq.spi.protocol.transactions.TransactionEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The register of transactions, and decisions by hand. */
@RestController
@RequestMapping("/api/v1/transactions")
final class TransactionController {

  static final int DEFAULT_LIMIT = 100;

  private final Doors doors;
  private final OperatorName operators;

  TransactionController(Doors doors, OperatorName operators) {
    this.doors = doors;
    this.operators = operators;
  }

  /**
   * Which transactions are wanted.
   *
   * @param state {@code held}, {@code parked}, {@code committed}, {@code rolled-back}, several
   *     separated by commas; absent: undecided ones, or with a key all
   * @param minAge time since the half message came, for example {@code 5m}
   */
  record Question(
      @Nullable String state,
      @Nullable String group,
      @Nullable String topic,
      @Nullable String key,
      @Nullable String minAge,
      @Nullable Integer limit,
      @Nullable String cursor) {}

  /** A stretch of the audit trail; absent ends are open. */
  record Stretch(
      @Nullable String from,
      @Nullable String to,
      @Nullable Integer limit,
      @Nullable String cursor) {}

  /**
   * An answer.
   *
   * @param complete false if there may be more: go on with {@code nextCursor}
   */
  record Transactions(
      List<TransactionView> transactions, boolean complete, @Nullable String nextCursor) {}

  /** A transaction, what happened to it, newest first, and what is proposed about it. */
  record Details(
      TransactionView transaction, List<EventView> events, @Nullable ProposalView proposal) {}

  /**
   * Records of the audit trail.
   *
   * @param trailComplete false if records from before have been deleted by the retention
   */
  record Events(
      List<EventView> events,
      boolean trailComplete,
      boolean complete,
      @Nullable String nextCursor) {}

  /** Proposals that wait for a second operator. */
  record Proposals(List<ProposalView> proposals) {}

  /**
   * What an operator wants.
   *
   * @param decision {@code commit} or {@code rollback}
   * @param reason why; kept in the audit record
   * @param operator who, as name@host, where the server does not ask its users
   */
  record Wish(@Nullable String decision, @Nullable String reason, @Nullable String operator) {}

  /**
   * What came of it.
   *
   * @param outcome "decided", "repeated", "proposed", "rearmed" or "withdrawn"
   */
  record Outcome(
      String outcome,
      TransactionEntry.@Nullable Decision decision,
      @Nullable ProposalView proposal) {}

  @GetMapping
  Transactions list(Question question) {
    TransactionDesk.Page page =
        desk()
            .list(
                new TransactionDesk.Query(
                    states(question.state()),
                    Optional.ofNullable(question.group()),
                    Optional.ofNullable(question.topic()),
                    Optional.ofNullable(question.key()),
                    ageMs(question.minAge()),
                    question.limit() == null ? DEFAULT_LIMIT : question.limit(),
                    Optional.ofNullable(question.cursor())));
    return new Transactions(
        page.entries().stream().map(TransactionView::of).toList(),
        page.cursor().isEmpty(),
        page.cursor().orElse(null));
  }

  @GetMapping("/{handle}")
  Details show(@PathVariable String handle) {
    TransactionDesk.Details found =
        desk().find(handle).orElseThrow(() -> Missing.transaction(handle));
    return new Details(
        TransactionView.of(found.entry()),
        found.events().stream().map(EventView::of).toList(),
        found.proposal().map(ProposalView::of).orElse(null));
  }

  @GetMapping("/conflicts")
  Events conflicts(Stretch stretch) {
    TransactionDesk.Trail trail =
        desk()
            .trail(
                new TransactionDesk.TrailQuery(
                    Set.of("CONFLICT"),
                    instant("from", stretch.from(), Instant.EPOCH).toEpochMilli(),
                    stretch.to() == null
                        ? Long.MAX_VALUE
                        : instant("to", stretch.to(), Instant.EPOCH).toEpochMilli(),
                    true,
                    stretch.limit() == null ? DEFAULT_LIMIT : stretch.limit(),
                    Optional.ofNullable(stretch.cursor())));
    return new Events(
        trail.events().stream().map(EventView::of).toList(),
        trail.complete(),
        trail.cursor().isEmpty(),
        trail.cursor().orElse(null));
  }

  @GetMapping("/proposals")
  Proposals proposals() {
    return new Proposals(desk().proposals().stream().map(ProposalView::of).toList());
  }

  @PostMapping("/{handle}/decision")
  ResponseEntity<Outcome> decide(@PathVariable String handle, @RequestBody Wish wish) {
    TransactionEntry.Decision decision = decision(wish.decision());
    Verdict verdict = desk().decide(handle, decision, operators.of(wish.operator()), reason(wish));
    return switch (verdict) {
      case Verdict.Decided it ->
          ResponseEntity.ok(
              new Outcome(it.repeated() ? "repeated" : "decided", it.decision(), null));
      case Verdict.Proposed it ->
          ResponseEntity.accepted()
              .body(new Outcome("proposed", decision, ProposalView.of(it.proposal())));
      case Verdict.NotFound _ -> throw Missing.transaction(handle);
      case Verdict.Conflict it ->
          throw conflict(
              "TRANSACTION_DECIDED",
              "Transaction " + handle + " was decided " + it.recorded() + " before",
              "A decision is never reversed. Its record: 'mq tx show " + handle + "'.");
      case Verdict.SecondOperatorNeeded it ->
          throw conflict(
              "SECOND_OPERATOR_NEEDED",
              it.proposal().operator() + " proposed this already; it takes another operator",
              "Somebody else has to ask for the same before "
                  + Instant.ofEpochMilli(it.proposal().untilMs())
                  + ".");
      case Verdict.OtherProposed it ->
          throw conflict(
              "OTHER_DECISION_PROPOSED",
              it.proposal().operator() + " proposed " + it.proposal().decision() + " instead",
              "Withdraw that first: 'mq tx withdraw " + handle + "'.");
    };
  }

  @PostMapping("/{handle}/rearm")
  Outcome rearm(@PathVariable String handle, @RequestBody Wish wish) {
    if (!desk().rearm(handle, operators.of(wish.operator()), reason(wish))) {
      if (desk().find(handle).isEmpty()) {
        throw Missing.transaction(handle);
      }
      throw conflict(
          "NOT_PARKED",
          "Transaction " + handle + " is not parked",
          "Only parked transactions are re-armed. Its state: 'mq tx show " + handle + "'.");
    }
    return new Outcome("rearmed", null, null);
  }

  @PostMapping("/{handle}/withdraw")
  Outcome withdraw(@PathVariable String handle, @RequestBody Wish wish) {
    if (!desk().withdraw(handle, operators.of(wish.operator()), reason(wish))) {
      throw new ApiException(
          HttpStatus.NOT_FOUND,
          "PROPOSAL_NOT_FOUND",
          "Nothing is proposed about transaction " + handle,
          "List proposals with 'mq tx proposals'.");
    }
    return new Outcome("withdrawn", null, null);
  }

  /** The moment that a text names, ISO-8601. */
  static Instant instant(String name, @Nullable String text, Instant otherwise) {
    try {
      return text == null ? otherwise : Instant.parse(text);
    } catch (java.time.DateTimeException e) {
      throw invalid("'" + name + "' is no time: " + text);
    }
  }

  static ApiException invalid(String text) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "INVALID_PARAMETER",
        text,
        "Times are like 2026-11-23T00:00:00Z, ages like 5m, states held, parked, committed,"
            + " rolled-back, decisions commit and rollback.");
  }

  private static String reason(Wish wish) {
    String reason = wish.reason();
    if (reason == null || reason.isBlank()) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "REASON_NEEDED",
          "What is done by hand needs a reason: it becomes part of the audit record",
          "Send 'reason', for example {\"reason\":\"ticket 7: journal has no row\"}.");
    }
    return reason;
  }

  private static TransactionEntry.Decision decision(@Nullable String text) {
    return switch (text == null ? "" : text.toLowerCase(Locale.ROOT)) {
      case "commit" -> TransactionEntry.Decision.COMMIT;
      case "rollback" -> TransactionEntry.Decision.ROLLBACK;
      default -> throw invalid("'decision' is commit or rollback, not " + text);
    };
  }

  private static Set<TransactionEntry.State> states(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return Set.of();
    }
    try {
      return Arrays.stream(text.split(","))
          .map(it -> it.strip().toUpperCase(Locale.ROOT).replace('-', '_'))
          .map(TransactionEntry.State::valueOf)
          .collect(Collectors.toSet());
    } catch (IllegalArgumentException e) {
      throw invalid("'state' has an unknown word: " + text);
    }
  }

  private static long ageMs(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    try {
      Duration age = DurationStyle.detectAndParse(text);
      return age.toMillis();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw invalid("'minAge' is no time: " + text);
    }
  }

  private static ApiException conflict(String code, String text, String hint) {
    return new ApiException(HttpStatus.CONFLICT, code, text, hint);
  }

  private TransactionDesk desk() {
    return doors.current().operations().transactionDesk();
  }
}
