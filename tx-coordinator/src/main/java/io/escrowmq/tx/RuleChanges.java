package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.tx.CheckRules.OnGiveUp;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a group or a topic wants otherwise; empty fields leave what is set in the wider circle. */
public record RuleChanges(
    Optional<Duration> first,
    Optional<Duration> interval,
    Optional<Integer> backoffPercent,
    Optional<Duration> maxInterval,
    Optional<Integer> jitterPercent,
    Optional<Integer> limit,
    Optional<Duration> maxAge,
    Optional<OnGiveUp> onGiveUp) {

  /** No changes. */
  public static final RuleChanges NONE =
      new RuleChanges(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /**
   * The rules with these changes.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public CheckRules appliedTo(CheckRules rules) {
    return new CheckRules(
        first.orElse(rules.first()),
        interval.orElse(rules.interval()),
        backoffPercent.orElse(rules.backoffPercent()),
        maxInterval.orElse(rules.maxInterval()),
        jitterPercent.orElse(rules.jitterPercent()),
        limit.orElse(rules.limit()),
        maxAge.orElse(rules.maxAge()),
        onGiveUp.orElse(rules.onGiveUp()));
  }

  Bytes encode() {
    Map<String, Object> fields = new LinkedHashMap<>();
    first.ifPresent(it -> fields.put("firstMs", it.toMillis()));
    interval.ifPresent(it -> fields.put("intervalMs", it.toMillis()));
    backoffPercent.ifPresent(it -> fields.put("backoffPercent", it));
    maxInterval.ifPresent(it -> fields.put("maxIntervalMs", it.toMillis()));
    jitterPercent.ifPresent(it -> fields.put("jitterPercent", it));
    limit.ifPresent(it -> fields.put("limit", it));
    maxAge.ifPresent(it -> fields.put("maxAgeMs", it.toMillis()));
    onGiveUp.ifPresent(it -> fields.put("onGiveUp", it));
    return Bytes.utf8(AuditTrail.json(fields));
  }

  static RuleChanges decode(Bytes value) {
    Map<String, Object> fields = AuditJson.read(value.asUtf8());
    return new RuleChanges(
        duration(fields, "firstMs"),
        duration(fields, "intervalMs"),
        number(fields, "backoffPercent").map(Long::intValue),
        duration(fields, "maxIntervalMs"),
        number(fields, "jitterPercent").map(Long::intValue),
        number(fields, "limit").map(Long::intValue),
        duration(fields, "maxAgeMs"),
        Optional.ofNullable(fields.get("onGiveUp")).map(it -> OnGiveUp.valueOf(it.toString())));
  }

  private static Optional<Duration> duration(Map<String, Object> fields, String name) {
    return number(fields, name).map(Duration::ofMillis);
  }

  private static Optional<Long> number(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof Number number
        ? Optional.of(number.longValue())
        : Optional.empty();
  }
}
