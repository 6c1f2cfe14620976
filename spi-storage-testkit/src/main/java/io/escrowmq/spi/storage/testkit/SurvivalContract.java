package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Mishap;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the engine says its writes survive. That it is true is shown elsewhere: kills of the server
 * by {@link CrashContract}, power cuts by {@code PowerCutContract}.
 */
public abstract class SurvivalContract extends StorageContract {

  private static final List<Durability> OFFERED = List.of(Durability.WRITTEN, Durability.DURABLE);

  @Test
  void whatIsKeptSurvivesAKillOfTheServer() {
    for (Durability durability : OFFERED) {
      assertThat(storage().survives(durability).contains(Mishap.SERVER_KILL))
          .as("%s survives a kill of the server", durability)
          .isEqualTo(engine().persistent());
    }
  }

  @Test
  void whatForgetsEverythingClaimsNothing() {
    for (Durability durability : OFFERED) {
      if (!engine().persistent()) {
        assertThat(storage().survives(durability)).as("%s survives", durability).isEmpty();
      }
    }
  }

  @Test
  void aStrongerLevelSurvivesNoLess() {
    assertThat(storage().survives(Durability.DURABLE))
        .containsAll(storage().survives(Durability.WRITTEN));
  }

  @Test
  void aLevelThatIsRefusedSurvivesNothing() {
    if (storage().capabilities().contains(Capability.REPLICATION)) {
      assertThat(storage().survives(Durability.REPLICATED))
          .containsAll(storage().survives(Durability.DURABLE));
    } else {
      assertThat(storage().survives(Durability.REPLICATED)).isEmpty();
    }
  }

  /** The kit runs on one machine: only an engine with replicas can outlive it. */
  @Test
  void nothingIsClaimedThatNoSuiteProves() {
    if (!storage().capabilities().contains(Capability.REPLICATION)) {
      for (Durability durability : OFFERED) {
        assertThat(storage().survives(durability))
            .as("%s survives", durability)
            .doesNotContain(Mishap.NODE_LOSS);
      }
    }
  }
}
