package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.escrowmq.storage.commitlog.log.Signal;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Publishing and raising against going to sleep: the sleeper always wakes. One that does not hangs
 * the race, which jcstress reports as an error.
 */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "awake, and the entry is there")
@Outcome(expect = FORBIDDEN, desc = "awake without a reason")
@State
public class WakeUpStress {
  private final StressedRing ring = new StressedRing();
  private final Signal signal = new Signal();

  @Actor
  public void writer() {
    ring.write(1, StressedRing.SLOT);
    signal.raise();
  }

  @Actor
  public void reader(I_Result result) {
    signal.await(() -> ring.look() != StressedRing.NOTHING);
    result.r1 = ring.look();
  }
}
