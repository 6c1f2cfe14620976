package io.escrowmq.broker;

import io.escrowmq.spi.protocol.ClientConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many questions each client on each connection may get now: a token bucket with one second's
 * worth. Thread-safe.
 */
final class QuestionShares {

  private static final double MS_PER_SECOND = 1000;

  private final int perSecond;
  private final Map<Membership, Share> shares = new ConcurrentHashMap<>();

  QuestionShares(int perSecond) {
    this.perSecond = perSecond;
  }

  /** True if the member may get one more; it counts as given. */
  boolean take(Membership member, long nowMs) {
    return shares.computeIfAbsent(member, _ -> new Share(perSecond, nowMs)).take(perSecond, nowMs);
  }

  void forget(Membership member) {
    shares.remove(member);
  }

  void forget(ClientConnection connection) {
    shares.keySet().removeIf(member -> member.connection().equals(connection));
  }

  private static final class Share {
    private double tokens;
    private long atMs;

    Share(double tokens, long atMs) {
      this.tokens = tokens;
      this.atMs = atMs;
    }

    synchronized boolean take(int perSecond, long nowMs) {
      // A clock that stepped back must not take tokens away.
      long elapsedMs = Math.max(0, nowMs - atMs);
      tokens = Math.min(perSecond, tokens + elapsedMs * perSecond / MS_PER_SECOND);
      atMs = nowMs;
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }
  }
}
