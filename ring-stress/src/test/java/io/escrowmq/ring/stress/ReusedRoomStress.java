package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A full ring whose oldest entry is read and given back while a writer wants room: the writer waits
 * for the reader, and its entry is not lost to the reader's clearing of the slot.
 */
@JCStressTest
@Outcome(id = "1, 0, 63", expect = ACCEPTABLE, desc = "refused: the room was not given back yet")
@Outcome(id = "1, 1, 64", expect = ACCEPTABLE, desc = "the room was given back and used")
@Outcome(expect = FORBIDDEN, desc = "overwritten too early, or lost")
@State
public class ReusedRoomStress {
  private final StressedRing ring = new StressedRing();

  public ReusedRoomStress() {
    for (int i = 0; i < StressedRing.SLOTS; i++) {
      ring.write(1, StressedRing.SLOT);
    }
  }

  @Actor
  public void reader(III_Result result) {
    result.r1 = ring.takeAndRelease();
  }

  @Actor
  public void writer(III_Result result) {
    result.r2 = ring.write(2, StressedRing.SLOT) >= 0 ? 1 : 0;
  }

  @Arbiter
  public void rest(III_Result result) {
    int left = 0;
    for (int id = ring.take(); id != StressedRing.NOTHING; id = ring.take()) {
      left += id == (left == StressedRing.SLOTS - 1 ? 2 : 1) ? 1 : 1000;
    }
    result.r3 = left;
  }
}
