package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.BankVerdict.Violation;
import io.escrowmq.crash.bank.Books.InFlight;
import io.escrowmq.crash.bank.Evidence.Visible;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Looks at databases and topics all the time: balances and money in flight make the same sum in
 * every snapshot; what is in flight is held, or visible; what is visible is committed in a journal.
 * Its own thread looks until {@link #join()}.
 */
final class Auditor {

  private static final int PAUSE_MS = 100;

  private final TestedServer server;
  private final Books books;
  private final TopicReader reader;
  private final long openingCents;
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "auditor");
  private final Map<String, Violation> violations = new TreeMap<>();
  private int looks;
  private int interrupted;
  private int mostInFlight;
  private Set<String> unjudged = new HashSet<>();

  Auditor(TestedServer server, Books books, TopicReader reader, long openingCents) {
    this.server = server;
    this.books = books;
    this.reader = reader;
    this.openingCents = openingCents;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends the looking; only then the other methods may be called. */
  void join() throws InterruptedException {
    done.countDown();
    thread.join();
  }

  List<Violation> violations() {
    return new ArrayList<>(violations.values());
  }

  /** Complete looks. */
  int looks() {
    return looks;
  }

  /** Looks that a fault made impossible. */
  int interrupted() {
    return interrupted;
  }

  int mostInFlight() {
    return mostInFlight;
  }

  private void run() {
    try {
      while (!done.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
        try {
          look();
          looks++;
        } catch (InterruptedException e) {
          throw e;
        } catch (Exception e) {
          // Server or database are down: there is nothing to be seen now.
          interrupted++;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One look; throws when a fault made it impossible. */
  void look() throws Exception {
    Books.Look look = books.look();
    mostInFlight = Math.max(mostInFlight, look.inFlight().size());
    if (look.totalCents() != openingCents) {
      add(
          "money",
          "all accounts",
          "%d cents on accounts and %d in flight, of %d"
              .formatted(
                  look.balanceCents(), look.totalCents() - look.balanceCents(), openingCents));
    }
    judgeVisible(reader.readMore());
    if (server.hasRegister()) {
      for (InFlight debit : unseen(look)) {
        judgeUnseen(debit);
      }
    }
  }

  /** What is visible has been committed by then. */
  private void judgeVisible(List<Visible> fresh) throws Exception {
    fresh.stream()
        .filter(it -> !it.topic().equals(BranchSettings.LIES))
        .forEach(it -> unjudged.add(it.txId()));
    Set<String> committed = books.committed(unjudged);
    unjudged.stream()
        .filter(it -> !committed.contains(it))
        .forEach(it -> add("I6", it, "visible and not committed by its local transaction"));
    unjudged = new HashSet<>();
  }

  private List<InFlight> unseen(Books.Look look) {
    Set<String> seen =
        reader.visible().stream().map(Visible::txId).collect(Collectors.toCollection(HashSet::new));
    return look.inFlight().stream().filter(it -> !seen.contains(it.txId())).toList();
  }

  private void judgeUnseen(InFlight debit) throws Exception {
    Optional<Boolean> held = server.isHeld(debit.txId());
    if (held.isEmpty()) {
      throw new IllegalStateException("the register does not answer");
    }
    if (held.get()) {
      return;
    }
    // Decided after the topic was read; then it is visible by now.
    judgeVisible(reader.readMore());
    if (reader.visible().stream().noneMatch(it -> it.txId().equals(debit.txId()))) {
      add(
          "I1",
          debit.txId(),
          "%s: %d cents are debited, the message is neither held nor visible"
              .formatted(debit.transferId(), debit.cents()));
    }
  }

  private void add(String invariant, String about, String text) {
    violations.putIfAbsent(invariant + about, new Violation(invariant, about, text));
  }
}
