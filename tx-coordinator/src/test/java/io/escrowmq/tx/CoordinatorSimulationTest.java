package io.escrowmq.tx;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The coordinator against a plain map, with random events. A failure names its seed: put it into
 * {@code seeds} to keep it as a test.
 */
final class CoordinatorSimulationTest {

  private static final int STEPS = 500;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 40);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void agreesWithThePlainMap(long seed) {
    simulate(seed, StoreUnderTest.CHOSEN, STEPS);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {101, 102, 103})
  void agreesWithThePlainMapOnTheCommitlog(long seed) {
    simulate(seed, StoreUnderTest.COMMITLOG, STEPS / 2);
  }

  @Test
  @Tag("campaign")
  void agreesWithThePlainMapForManySeeds() {
    for (long seed = 1000; seed < 3000; seed++) {
      agreesWithThePlainMap(seed);
    }
  }

  private static void simulate(long seed, String engine, int steps) {
    try (Simulation simulation = new Simulation(seed, Sabotage.NONE, engine)) {
      simulation.run(steps);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + " on " + engine + ": " + e.getMessage(), e);
    }
  }
}
