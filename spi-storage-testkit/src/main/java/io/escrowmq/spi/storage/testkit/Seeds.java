package io.escrowmq.spi.storage.testkit;

import java.util.random.RandomGenerator;

/** Where random tests get their seed: the system property {@code escrowmq.seed}, or a new one. */
public final class Seeds {

  /** Replays a failed run. */
  public static final String PROPERTY = "escrowmq.seed";

  private Seeds() {}

  /** The seed of this run, printed so that the run can be repeated. */
  public static long seed(String test) {
    Long given = Long.getLong(PROPERTY);
    long seed = given != null ? given : RandomGenerator.getDefault().nextInt(Integer.MAX_VALUE);
    System.out.println(test + ": replay with -D" + PROPERTY + "=" + seed);
    return seed;
  }
}
