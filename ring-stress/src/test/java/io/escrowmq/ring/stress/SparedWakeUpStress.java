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
 * Publishing while somebody else is busy and raises the signal after that: the sleeper wakes,
 * whoever is first. One that does not hangs the race, which jcstress reports as an error.
 */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "awake, and the entry is there")
@Outcome(expect = FORBIDDEN, desc = "awake without a reason")
@State
public class SparedWakeUpStress {
  private final StressedRing ring = new StressedRing();
  private final Signal signal = new Signal();
  private volatile boolean busy = true;

  @Actor
  public void writer() {
    ring.write(1, StressedRing.SLOT);
    signal.raiseUnless(() -> busy);
  }

  /**
   * The sleeper, and on its way to sleep the busy one too: a race of three wants three processors.
   */
  @Actor
  public void reader(I_Result result) {
    signal.await(this::lookAfterWork);
    result.r1 = ring.look();
  }

  private boolean lookAfterWork() {
    if (busy) {
      busy = false;
      signal.raise();
    }
    return ring.look() != StressedRing.NOTHING;
  }
}
