package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions of several messages against a plain map, with random events. A failure names its
 * seed: put it into {@code seeds} to keep it as a test.
 */
final class JointSimulationTest {

  private static final int STEPS = 300;
  private static final int SABOTAGE_SEEDS = 8;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 25);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void agreesWithThePlainMap(long seed) {
    simulate(seed, StoreUnderTest.CHOSEN, STEPS);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {101, 102})
  void agreesWithThePlainMapOnTheCommitlog(long seed) {
    simulate(seed, StoreUnderTest.COMMITLOG, STEPS / 2);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void theSimulationNotices(JointSabotage sabotage) {
    List<String> noticed = new ArrayList<>();
    for (long seed = 1; seed <= SABOTAGE_SEEDS && noticed.isEmpty(); seed++) {
      try (JointSimulation simulation =
          new JointSimulation(seed, sabotage, StoreUnderTest.CHOSEN)) {
        simulation.run(STEPS);
      } catch (AssertionError | RuntimeException e) {
        noticed.add("seed " + seed + ": " + e);
      }
    }
    assertThat(noticed).as(sabotage + " went unnoticed").isNotEmpty();
  }

  @Test
  @Tag("campaign")
  void agreesWithThePlainMapForManySeeds() {
    for (long seed = 1000; seed < 3000; seed++) {
      agreesWithThePlainMap(seed);
    }
  }

  private static void simulate(long seed, String engine, int steps) {
    try (JointSimulation simulation = new JointSimulation(seed, JointSabotage.NONE, engine)) {
      simulation.run(steps);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + " on " + engine + ": " + e.getMessage(), e);
    }
  }
}
