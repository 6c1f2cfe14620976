package io.escrowmq.broker;

import io.escrowmq.spi.protocol.transactions.CheckRulesDesk;
import io.escrowmq.tx.CheckRules;
import io.escrowmq.tx.RuleBook;
import io.escrowmq.tx.RuleChanges;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Translates between the door and the coordinator's rules. */
record RulesDesk(RuleBook book, Gate gate) implements CheckRulesDesk {

  @Override
  public List<Entry> all() {
    return book.all().stream()
        .map(it -> new Entry(Scope.valueOf(it.scope().name()), it.name(), rules(it.changes())))
        .toList();
  }

  @Override
  public Rules of(String producerGroup, String topic) {
    CheckRules it = book.of(producerGroup, topic);
    return new Rules(
        Optional.of(it.first()),
        Optional.of(it.interval()),
        Optional.of(it.backoffPercent()),
        Optional.of(it.maxInterval()),
        Optional.of(it.jitterPercent()),
        Optional.of(it.limit()),
        Optional.of(it.maxAge()),
        Optional.of(OnGiveUp.valueOf(it.onGiveUp().name())));
  }

  @Override
  public void put(Scope scope, String name, Rules wanted, String operator) {
    checked(() -> {
      gate.checkOpen();
      switch (scope) {
        case GROUP -> TopicNames.checkGroup(name);
        case TOPIC -> TopicNames.requireLegal("topic", name);
      }
      RuleChanges changes =
          new RuleChanges(
              wanted.first(),
              wanted.interval(),
              wanted.backoffPercent(),
              wanted.maxInterval(),
              wanted.jitterPercent(),
              wanted.limit(),
              wanted.maxAge(),
              wanted.onGiveUp().map(it -> CheckRules.OnGiveUp.valueOf(it.name())));
      book.put(RuleBook.Scope.valueOf(scope.name()), name, changes, operator);
      return true;
    });
  }

  @Override
  public boolean remove(Scope scope, String name, String operator) {
    return checked(() -> {
      gate.checkOpen();
      return book.remove(RuleBook.Scope.valueOf(scope.name()), name, operator);
    });
  }

  private static Rules rules(RuleChanges it) {
    return new Rules(
        it.first(),
        it.interval(),
        it.backoffPercent(),
        it.maxInterval(),
        it.jitterPercent(),
        it.limit(),
        it.maxAge(),
        it.onGiveUp().map(wanted -> OnGiveUp.valueOf(wanted.name())));
  }

  private static boolean checked(Supplier<Boolean> call) {
    return Failures.translate(call, "docs/transactions.md describes the rules and their ranges.");
  }
}
