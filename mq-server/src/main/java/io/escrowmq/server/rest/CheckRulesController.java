package io.escrowmq.server.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.escrowmq.spi.protocol.transactions.CheckRulesDesk;
import io.escrowmq.spi.protocol.transactions.CheckRulesDesk.OnGiveUp;
import io.escrowmq.spi.protocol.transactions.CheckRulesDesk.Rules;
import io.escrowmq.spi.protocol.transactions.CheckRulesDesk.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** When and how often producers are asked about undecided transactions. */
@RestController
@RequestMapping("/api/v1/transactions/rules")
final class CheckRulesController {

  private final Doors doors;
  private final OperatorName operators;

  CheckRulesController(Doors doors, OperatorName operators) {
    this.doors = doors;
    this.operators = operators;
  }

  /**
   * Rules; what is absent is as in the wider circle. Times are like {@code 30s}.
   *
   * @param operator who changes them, as name@host, where the server does not ask its users
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RulesView(
      @Nullable String first,
      @Nullable String interval,
      @Nullable Integer backoffPercent,
      @Nullable String maxInterval,
      @Nullable Integer jitterPercent,
      @Nullable Integer limit,
      @Nullable String maxAge,
      @Nullable String onGiveUp,
      @Nullable String operator) {

    static RulesView of(Rules it) {
      return new RulesView(
          it.first().map(RulesView::text).orElse(null),
          it.interval().map(RulesView::text).orElse(null),
          it.backoffPercent().orElse(null),
          it.maxInterval().map(RulesView::text).orElse(null),
          it.jitterPercent().orElse(null),
          it.limit().orElse(null),
          it.maxAge().map(RulesView::text).orElse(null),
          it.onGiveUp().map(wanted -> wanted.name().toLowerCase(Locale.ROOT)).orElse(null),
          null);
    }

    Rules rules() {
      return new Rules(
          duration("first", first),
          duration("interval", interval),
          Optional.ofNullable(backoffPercent),
          duration("maxInterval", maxInterval),
          Optional.ofNullable(jitterPercent),
          Optional.ofNullable(limit),
          duration("maxAge", maxAge),
          Optional.ofNullable(onGiveUp).map(RulesView::giveUp));
    }

    private static String text(Duration duration) {
      return duration.toMillis() % 1000 == 0
          ? duration.toSeconds() + "s"
          : duration.toMillis() + "ms";
    }

    private static Optional<Duration> duration(String name, @Nullable String text) {
      try {
        return Optional.ofNullable(text).map(DurationStyle::detectAndParse);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw refusal("'" + name + "' is no time: " + text);
      }
    }

    private static OnGiveUp giveUp(String text) {
      try {
        return OnGiveUp.valueOf(text.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw refusal("'onGiveUp' is park or rollback, not " + text);
      }
    }
  }

  /** The rules of a group or topic. */
  record EntryView(String scope, String name, RulesView rules) {}

  /** All groups and topics with rules of their own, and the cluster's. */
  record All(RulesView cluster, List<EntryView> entries) {}

  @GetMapping
  All all() {
    return new All(
        RulesView.of(desk().of("", "")),
        desk().all().stream()
            .map(it ->
                new EntryView(
                    it.scope().name().toLowerCase(Locale.ROOT),
                    it.name(),
                    RulesView.of(it.rules())))
            .toList());
  }

  /** What counts for a group's messages on a topic. */
  @GetMapping("/effective")
  RulesView effective(
      @RequestParam(defaultValue = "") String group,
      @RequestParam(defaultValue = "") String topic) {
    return RulesView.of(desk().of(group, topic));
  }

  @PutMapping("/{scope}/{name}")
  RulesView put(
      @PathVariable String scope, @PathVariable String name, @RequestBody RulesView wanted) {
    desk().put(scope(scope), name, wanted.rules(), operators.of(wanted.operator()));
    return RulesView.of(wanted.rules());
  }

  @DeleteMapping("/{scope}/{name}")
  RulesView remove(
      @PathVariable String scope,
      @PathVariable String name,
      @RequestParam(required = false) @Nullable String operator) {
    if (!desk().remove(scope(scope), name, operators.of(operator))) {
      throw new ApiException(
          HttpStatus.NOT_FOUND,
          "RULES_NOT_FOUND",
          scope + " " + name + " has no rules of its own",
          "List those that have with 'mq tx-rules list'.");
    }
    return RulesView.of(desk().of("", ""));
  }

  private static Scope scope(String text) {
    return switch (text) {
      case "groups" -> Scope.GROUP;
      case "topics" -> Scope.TOPIC;
      default -> throw refusal("rules are about groups or topics, not about " + text);
    };
  }

  private static ApiException refusal(String text) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "INVALID_PARAMETER",
        text,
        "For example PUT .../rules/groups/billing"
            + " {\"interval\":\"1m\",\"backoffPercent\":160,\"maxInterval\":\"5m\"}.");
  }

  private CheckRulesDesk desk() {
    return doors.current().operations().transactionDesk().rules();
  }
}
