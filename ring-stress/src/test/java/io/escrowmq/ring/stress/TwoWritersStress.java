package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two writers never get the same room, and both their entries arrive whole. */
@JCStressTest
@Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "the first writer claimed first")
@Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "the second writer claimed first")
@Outcome(expect = FORBIDDEN, desc = "lost, doubled or torn")
@State
public class TwoWritersStress {
  private final StressedRing ring = new StressedRing();

  @Actor
  public void first() {
    ring.write(1, 2 * StressedRing.SLOT);
  }

  @Actor
  public void second() {
    ring.write(2, StressedRing.SLOT);
  }

  @Arbiter
  public void reader(III_Result result) {
    result.r1 = ring.take();
    result.r2 = ring.take();
    result.r3 = ring.take();
  }
}
