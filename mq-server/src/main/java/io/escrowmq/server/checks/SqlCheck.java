package io.escrowmq.server.checks;

import io.escrowmq.storage.jdbc.journal.JournalCheck;
import io.escrowmq.tx.CheckChannel.Question;
import io.escrowmq.tx.Decider;
import io.escrowmq.tx.Decision;
import io.escrowmq.tx.ExternalCheck;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks the journal table in the producer group's database. Thread-safe. */
final class SqlCheck implements ExternalCheck {

  /** As many as the check has connections. */
  private static final int MAX_CONCURRENT = 4;

  private final JournalCheck journal;
  private final String name;
  private final boolean byHandle;

  /**
   * A check.
   *
   * @param name for the audit record; has no password in it
   * @param byHandle true if the journal's key is the handle, false if the message's unique key
   */
  SqlCheck(JournalCheck journal, String name, boolean byHandle) {
    this.journal = journal;
    this.name = name;
    this.byHandle = byHandle;
  }

  @Override
  public Decider.Kind kind() {
    return Decider.Kind.SQL_CHECK;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int maxConcurrent() {
    return MAX_CONCURRENT;
  }

  @Override
  public CompletionStage<Answer> ask(Question question) {
    Optional<String> key =
        byHandle
            ? Optional.of(question.handle().toString())
            : question.message().uniqueKey().filter(it -> !it.isEmpty());
    if (key.isEmpty()) {
      // Nothing in the journal can be about it: a tombstone without a key would settle nothing.
      return CompletableFuture.completedFuture(new Answer.Unknown());
    }
    CompletableFuture<Answer> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("sql-check")
        .start(() -> {
          try {
            result.complete(answer(journal.settle(key.get())));
          } catch (Exception e) { // top of a thread: whoever asks gets it
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @Override
  public void close() {
    journal.close();
  }

  private static Answer answer(Optional<JournalCheck.Verdict> verdict) {
    if (verdict.isEmpty()) {
      return new Answer.Unknown();
    }
    return switch (verdict.get()) {
      case COMMITTED -> new Answer.Decided(Decision.COMMIT);
      case ROLLED_BACK -> new Answer.Decided(Decision.ROLLBACK);
    };
  }
}
