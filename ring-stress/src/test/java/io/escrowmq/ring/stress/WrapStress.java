package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A claim that does not fit the end of the ring begins at its start; the reader follows. */
@JCStressTest
@Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "not published yet")
@Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "published before the last look")
@Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "published before the second look")
@Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "published before the first look")
@Outcome(expect = FORBIDDEN, desc = "gone again, torn, or found at the wrong place")
@State
public class WrapStress {
  private final StressedRing ring = new StressedRing();

  public WrapStress() {
    for (int i = 0; i < StressedRing.SLOTS - 1; i++) {
      ring.write(2, StressedRing.SLOT);
      ring.takeAndRelease();
    }
  }

  @Actor
  public void writer() {
    ring.write(1, 3 * StressedRing.SLOT);
  }

  @Actor
  public void reader(III_Result result) {
    result.r1 = ring.look();
    result.r2 = ring.look();
    result.r3 = ring.look();
  }
}
