package io.escrowmq.crash.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.crash.bank.Evidence.Decided;
import io.escrowmq.crash.bank.Evidence.JournalRow;
import io.escrowmq.crash.bank.Evidence.LieReply;
import io.escrowmq.crash.bank.Evidence.Visible;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Histories as a broken server or service would leave them; each must be noticed. */
final class BankVerdictTest {

  private static final long OPENING = 1000;

  /** A transfer that was made, one that was refused, a lie that was committed first. */
  static final class Story {
    long balance = OPENING;
    final Map<String, Long> debits = new TreeMap<>(Map.of("made", 7L));
    final Map<String, Long> credits = new TreeMap<>(Map.of("made", 7L));
    final List<JournalRow> journal =
        new ArrayList<>(
            List.of(new JournalRow("t1", "C", "made"), new JournalRow("t2", "R", "refused")));
    final List<Visible> visible =
        new ArrayList<>(
            List.of(
                visible("t1", "made", "bank-a-to-b"), visible("t3", "lie", BranchSettings.LIES)));
    final List<Decided> decided =
        new ArrayList<>(
            List.of(
                new Decided("h1", "t1", true, "PRODUCER", ""),
                new Decided("h2", "t2", false, "CHECK_ANSWER", ""),
                new Decided("h3", "t3", true, "PRODUCER", "")));
    final List<LieReply> lies =
        new ArrayList<>(
            List.of(
                new LieReply("t3", "lie", true, 0),
                new LieReply("t3", "lie", false, 604),
                new LieReply("t3", "lie", true, 0)));
    final List<String> undecided = new ArrayList<>();

    Evidence evidence() {
      return new Evidence(
          OPENING,
          balance,
          debits,
          credits,
          journal,
          visible,
          Optional.of(decided),
          lies,
          undecided);
    }
  }

  private static Visible visible(String txId, String key, String topic) {
    return new Visible(txId, key, topic, "b-0", 0, 0);
  }

  @Test
  void aStoryAsItShouldBeHasNoViolation() {
    assertThat(BankVerdict.judge(new Story().evidence())).isEmpty();
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        broken("a server that forgets a committed message", "I1", it -> it.visible.removeFirst()),
        broken(
            "a server that acknowledges a decision before it is durable, and forgets it",
            "I4",
            it -> {
              it.visible.removeLast();
              it.decided.removeLast();
            }),
        broken(
            "a server that obeys a second decision",
            "I3",
            it -> it.lies.set(1, new LieReply("t3", "lie", false, 0))),
        broken(
            "a server that delivers what it acknowledged as rolled back",
            "I3",
            it -> {
              it.lies.clear();
              it.lies.add(new LieReply("t3", "lie", false, 0));
            }),
        broken(
            "a server that decides again and differently",
            "I3",
            it -> it.decided.add(new Decided("h3", "t3", false, "CHECK_ANSWER", ""))),
        broken(
            "a server that records a decision twice",
            "I14",
            it -> it.decided.add(new Decided("h1", "t1", true, "CHECK_ANSWER", ""))),
        broken("a server that records no decision", "I14", it -> it.decided.removeFirst()),
        broken(
            "a server that delivers a second copy",
            "I2",
            it -> it.visible.add(visible("t1", "made", "bank-a-to-b"))),
        broken(
            "a server that shows a rolled back message",
            "I6",
            it -> it.visible.add(visible("t2", "refused", "bank-a-to-b"))),
        broken("a server that never asks", "I8", it -> it.undecided.add("t9")),
        broken(
            "a sender whose debit comes after the roll-back by a check",
            "I1",
            it -> {
              it.journal.add(new JournalRow("t4", "C", "late"));
              it.debits.put("late", 3L);
            }),
        broken("a sender without a journal row", "I15", it -> it.journal.removeFirst()),
        broken(
            "a sender that debits twice",
            "I15",
            it -> it.journal.add(new JournalRow("t5", "C", "made"))),
        broken("a receiver that credits twice", "money", it -> it.balance += 7),
        broken("a receiver that loses a message", "money", it -> it.credits.clear()),
        broken("a receiver that credits too much", "money", it -> it.credits.put("made", 8L)),
        broken(
            "a receiver that credits what nobody sent",
            "money",
            it -> it.credits.put("invented", 8L)));
  }

  private static Arguments broken(String what, String invariant, Consumer<Story> damage) {
    return Arguments.of(what, invariant, damage);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void isNoticed(String what, String invariant, Consumer<Story> damage) {
    Story story = new Story();
    damage.accept(story);
    assertThat(BankVerdict.judge(story.evidence()))
        .as(what)
        .extracting(BankVerdict.Violation::invariant)
        .contains(invariant);
  }

  @Test
  void theHistoryOfATransferHasItsPartsFromEverywhere() {
    assertThat(new Story().evidence().history("made"))
        .hasSize(5)
        .first()
        .isEqualTo("debit of made");
  }
}
