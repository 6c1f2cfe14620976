package io.escrowmq.tx;

import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks outside where a producer group has an {@link ExternalCheck}, and its connected members where
 * it has none. Every answer goes through the coordinator like any other decider's. A check that
 * cannot be reached is left alone for a while, longer each time, and nothing is counted; a slow one
 * has a bounded number of questions under way and delays no other group. Thread-safe.
 */
public final class ExternalChecks implements CheckChannel, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ExternalChecks.class);
  private static final long FIRST_PAUSE_MS = 1_000;
  private static final long MAX_PAUSE_MS = 60_000;
  private static final Duration MAX_LATER = Duration.ofDays(1);

  private final CheckChannel members;
  private final TimeSource time;
  private final Map<String, Line> lines = new HashMap<>();
  private volatile Function<EndRequest, CompletionStage<EndOutcome>> decider =
      _ -> CompletableFuture.completedFuture(new EndOutcome.Unknown());

  /**
   * A channel.
   *
   * @param checks by producer group; closed with this
   * @param members for all other groups
   */
  public ExternalChecks(Map<String, ExternalCheck> checks, CheckChannel members, TimeSource time) {
    this.members = members;
    this.time = time;
    checks.forEach((group, check) -> lines.put(group, new Line(check)));
  }

  /** Says who decides; before that answers are dropped. */
  public void decideWith(Function<EndRequest, CompletionStage<EndOutcome>> coordinator) {
    decider = coordinator;
  }

  /** The way to one check. */
  private static final class Line {
    private final ExternalCheck check;
    private int underWay;
    private long pauseMs;
    private long pausedUntilMs;

    Line(ExternalCheck check) {
      this.check = check;
    }

    /** A clock that stepped back must not make the pause longer. */
    synchronized boolean open(long nowMs) {
      return nowMs >= pausedUntilMs || pausedUntilMs - nowMs > MAX_PAUSE_MS;
    }

    synchronized boolean begin() {
      if (underWay >= check.maxConcurrent()) {
        return false;
      }
      underWay++;
      return true;
    }

    /** Returns the pause if this failure began one. */
    synchronized long end(boolean reached, long nowMs) {
      underWay--;
      if (reached) {
        pauseMs = 0;
        return 0;
      }
      if (!open(nowMs)) {
        return 0;
      }
      pauseMs = Math.clamp(pauseMs * 2, FIRST_PAUSE_MS, MAX_PAUSE_MS);
      pausedUntilMs = nowMs + pauseMs;
      return pauseMs;
    }
  }

  @Override
  public boolean reachable(String producerGroup) {
    Line line = lines.get(producerGroup);
    return line == null ? members.reachable(producerGroup) : line.open(time.nowMs());
  }

  @Override
  public CompletionStage<Asked> ask(Question question) {
    Line line = lines.get(question.producerGroup());
    if (line == null) {
      return members.ask(question);
    }
    if (!line.open(time.nowMs())) {
      return CompletableFuture.completedFuture(new Asked.NotWritten());
    }
    if (!line.begin()) {
      return CompletableFuture.completedFuture(new Asked.Busy());
    }
    return asking(line.check, question)
        .handle((answer, error) -> {
          long pauseMs = line.end(error == null, time.nowMs());
          if (error != null && pauseMs > 0) {
            log.warn(
                "Transactions of producer group {} cannot be checked by {}; it is left alone for"
                    + " {} ms, nothing is counted: {}",
                question.producerGroup(),
                line.check.name(),
                pauseMs,
                String.valueOf(
                    error instanceof CompletionException && error.getCause() != null
                        ? error.getCause()
                        : error));
          }
          return error == null
              ? answered(line.check, question, answer)
              : CompletableFuture.<Asked>completedFuture(new Asked.NotWritten());
        })
        .thenCompose(Function.identity());
  }

  @Override
  public void close() {
    lines.values().forEach(line -> line.check.close());
  }

  private static CompletionStage<ExternalCheck.Answer> asking(
      ExternalCheck check, Question question) {
    try {
      return check.ask(question);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<Asked> answered(
      ExternalCheck check, Question question, ExternalCheck.Answer answer) {
    return switch (answer) {
      case ExternalCheck.Answer.Unknown _ ->
          CompletableFuture.completedFuture(new Asked.Written(check.name()));
      case ExternalCheck.Answer.Later later ->
          CompletableFuture.completedFuture(
              new Asked.Later(
                  check.name(),
                  later.after().compareTo(MAX_LATER) > 0 ? MAX_LATER : later.after()));
      case ExternalCheck.Answer.Decided decided ->
          decider
              .apply(
                  new EndRequest(
                      question.handle(),
                      question.producerGroup(),
                      java.util.Optional.of(decided.decision()),
                      new Decider(check.kind(), check.name(), "")))
              .thenApply(_ -> new Asked.Written(check.name()));
    };
  }
}
