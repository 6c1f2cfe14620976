package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Who sees a published entry sees all its bytes. */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "not published yet")
@Outcome(id = "1", expect = ACCEPTABLE, desc = "entry and all its bytes")
@Outcome(expect = FORBIDDEN, desc = "an entry without its bytes")
@State
public class PublishedBytesStress {
  private final StressedRing ring = new StressedRing();

  @Actor
  public void writer() {
    ring.write(1, 4 * StressedRing.SLOT);
  }

  @Actor
  public void reader(I_Result result) {
    result.r1 = ring.look();
  }
}
