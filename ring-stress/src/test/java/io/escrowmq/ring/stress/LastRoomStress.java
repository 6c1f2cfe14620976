package io.escrowmq.ring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJI_Result;

/** The last room goes to one writer; the other is refused and overwrites nothing. */
@JCStressTest
@Outcome(id = "4032, -1, 0", expect = ACCEPTABLE, desc = "the first writer got it")
@Outcome(id = "-1, 4032, 0", expect = ACCEPTABLE, desc = "the second writer got it")
@Outcome(expect = FORBIDDEN, desc = "both or none got it, or an entry was overwritten")
@State
public class LastRoomStress {
  private final StressedRing ring = new StressedRing();

  public LastRoomStress() {
    for (int i = 0; i < StressedRing.SLOTS - 1; i++) {
      ring.write(3, StressedRing.SLOT);
    }
  }

  @Actor
  public void first(JJI_Result result) {
    result.r1 = ring.write(1, StressedRing.SLOT);
  }

  @Actor
  public void second(JJI_Result result) {
    result.r2 = ring.write(2, StressedRing.SLOT);
  }

  @Arbiter
  public void reader(JJI_Result result) {
    int wrong = 0;
    for (int i = 0; i < StressedRing.SLOTS - 1; i++) {
      wrong += ring.take() == 3 ? 0 : 1;
    }
    int last = ring.take();
    wrong += last == (result.r1 >= 0 ? 1 : 2) ? 0 : 1;
    wrong += ring.take() == StressedRing.NOTHING ? 0 : 1;
    result.r3 = wrong;
  }
}
