package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Entries come in claim order, also when the later claim is published first. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the first claim is not published")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "it was published between the looks")
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "both, in claim order")
@Outcome(expect = FORBIDDEN, desc = "out of order, torn, or the earlier publication missing")
@State
public class ClaimOrderStress {
  private final StressedRing ring = new StressedRing();

  @Actor
  public void writer() {
    long first = ring.ring().claim(StressedRing.SLOT);
    long second = ring.ring().claim(StressedRing.SLOT);
    ring.fill(second, 2, StressedRing.SLOT);
    ring.publish(second, 2, StressedRing.SLOT);
    ring.fill(first, 1, StressedRing.SLOT);
    ring.publish(first, 1, StressedRing.SLOT);
  }

  @Actor
  public void reader(II_Result result) {
    result.r1 = ring.take();
    result.r2 = ring.take();
  }
}
