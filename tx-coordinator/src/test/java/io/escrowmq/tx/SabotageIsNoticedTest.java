package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Breaks the coordinator on purpose; the simulation must notice each way within a few seeds. */
final class SabotageIsNoticedTest {

  private static final int SEEDS = 8;
  private static final int STEPS = 400;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void theSimulationNotices(Sabotage sabotage) {
    Map<Sabotage, String> noticed = new EnumMap<>(Sabotage.class);
    for (long seed = 1; seed <= SEEDS && noticed.isEmpty(); seed++) {
      try (Simulation simulation = new Simulation(seed, sabotage)) {
        simulation.run(STEPS);
      } catch (AssertionError | RuntimeException e) {
        noticed.put(sabotage, "seed " + seed + ": " + e);
      }
    }
    assertThat(noticed).as(sabotage + " went unnoticed for " + SEEDS + " seeds").isNotEmpty();
  }
}
