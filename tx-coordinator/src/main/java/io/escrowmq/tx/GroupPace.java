package io.escrowmq.tx;

/**
 * How fast one producer group may be asked: a token bucket whose rate rises linearly after the
 * group came back. Owned by the scheduler's thread.
 */
final class GroupPace {

  private static final double FIRST_SHARE = 0.1;

  private final CheckPolicy policy;
  private boolean present;
  private long presentSinceMs;
  private long refilledMs;
  private double tokens;

  GroupPace(CheckPolicy policy) {
    this.policy = policy;
  }

  /** Tells whether a member is connected now. */
  void observe(boolean reachable, long nowMs) {
    if (reachable && !present) {
      presentSinceMs = nowMs;
      refilledMs = nowMs;
      tokens = Math.max(1, policy.groupBurst() * FIRST_SHARE);
    }
    present = reachable;
    if (present) {
      refill(nowMs);
    }
  }

  boolean present() {
    return present;
  }

  boolean hasToken() {
    return present && tokens >= 1;
  }

  void take() {
    tokens--;
  }

  private void refill(long nowMs) {
    // A clock that stepped back must not take tokens away.
    long elapsedMs = Math.max(0, nowMs - refilledMs);
    refilledMs = nowMs;
    double perMs = share(nowMs) * policy.groupRatePerSecond() / 1000.0;
    tokens = Math.min(policy.groupBurst(), tokens + elapsedMs * perMs);
  }

  private double share(long nowMs) {
    long rampMs = policy.ramp().toMillis();
    long sinceMs = Math.max(0, nowMs - presentSinceMs);
    return sinceMs >= rampMs ? 1 : FIRST_SHARE + (1 - FIRST_SHARE) * sinceMs / rampMs;
  }
}
