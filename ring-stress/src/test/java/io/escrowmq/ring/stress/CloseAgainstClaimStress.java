package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.escrowmq.storage.commitlog.log.Ring;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * Closing against a claim: either the claim is refused, or its entry comes before the ring says it
 * is drained. Read as: claimed, taken by the closer, drained, left for later.
 */
@JCStressTest
@Outcome(id = "0, 0, 1, 0", expect = ACCEPTABLE, desc = "refused")
@Outcome(id = "1, 1, 1, 0", expect = ACCEPTABLE, desc = "claimed, taken, then drained")
@Outcome(id = "1, 0, 0, 1", expect = ACCEPTABLE, desc = "claimed, not drained before it is taken")
@Outcome(expect = FORBIDDEN, desc = "drained without a promised entry, or never drained")
@State
public class CloseAgainstClaimStress {
  private final StressedRing ring = new StressedRing();

  @Actor
  public void writer(IIII_Result result) {
    long claim = ring.write(1, StressedRing.SLOT);
    result.r1 = claim == Ring.CLOSED ? 0 : 1;
  }

  @Actor
  public void closer(IIII_Result result) {
    ring.ring().stopClaims();
    result.r2 = ring.take();
    result.r3 = ring.ring().isDrained() ? 1 : 0;
  }

  @Arbiter
  public void rest(IIII_Result result) {
    result.r4 = ring.take();
    if (!ring.ring().isDrained()) {
      result.r4 = StressedRing.TORN;
    }
  }
}
