package io.escrowmq.protocol.remoting;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Log lines about connections closed and requests refused for what their peers did. Anyone who can
 * connect can cause them, so their number is bounded: the first of a kind is told at once, those
 * that follow within a period together at its end. Thread-safe.
 */
final class PeerFaults {
  /** How long the ones that follow a first are collected. */
  static final Duration PERIOD = Duration.ofMinutes(1);

  /** What is told apart. */
  enum Kind {
    MALFORMED("Connection", "closed", "malformed input"),
    TLS("Connection", "closed", "TLS"),
    LIMIT("Connection", "closed", "the connection limits"),
    ACCESS("Request", "refused", "missing rights");

    private final String thing;
    private final String fate;
    private final String reason;

    Kind(String thing, String fate, String reason) {
      this.thing = thing;
      this.fate = fate;
      this.reason = reason;
    }
  }

  private final Consumer<String> log;
  private final Consumer<Runnable> atPeriodEnd;
  private final Map<Kind, Following> collected = new EnumMap<>(Kind.class);

  /** Those that followed the first of a period. */
  private record Following(long count, String last) {}

  /**
   * Nothing told yet.
   *
   * @param log takes a line
   * @param atPeriodEnd runs a task one {@link #PERIOD} later
   */
  PeerFaults(Consumer<String> log, Consumer<Runnable> atPeriodEnd) {
    this.log = log;
    this.atPeriodEnd = atPeriodEnd;
  }

  /** A connection is closed, or a request refused. */
  void report(Kind kind, @Nullable SocketAddress peer, @Nullable String why) {
    String what = "from " + peer + " " + kind.fate + ": " + why;
    synchronized (this) {
      Following following = collected.get(kind);
      if (following != null) {
        collected.put(kind, new Following(following.count() + 1, what));
        return;
      }
      collected.put(kind, new Following(0, what));
    }
    log.accept(kind.thing + " " + what);
    atPeriodEnd.accept(() -> summarize(kind));
  }

  private void summarize(Kind kind) {
    Following following;
    synchronized (this) {
      following = collected.remove(kind);
    }
    if (following != null && following.count() > 0) {
      log.accept(
          following.count()
              + " more "
              + kind.thing.toLowerCase(Locale.ROOT)
              + "s "
              + kind.fate
              + " in the last "
              + PERIOD.toSeconds()
              + " s because of "
              + kind.reason
              + "; the last "
              + following.last());
    }
  }
}
