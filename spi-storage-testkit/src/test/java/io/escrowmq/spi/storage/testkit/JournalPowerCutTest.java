package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Durability;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The power cuts find an engine that claims more than it does, and let a sound one pass. */
class JournalPowerCutTest extends PowerCutContract {

  private static final int CUTS = 10;

  @Override
  protected EngineUnderTest engine() {
    return new JournalEngine(JournalDefect.NONE);
  }

  @Test
  void anEngineThatNeverSyncsIsCaught() throws IOException {
    assertCaught(JournalDefect.NEVER_SYNCS);
  }

  @Test
  void anEngineThatAcknowledgesTooEarlyIsCaught() throws IOException {
    assertCaught(JournalDefect.ACKNOWLEDGES_BEFORE_WRITING);
  }

  private void assertCaught(JournalDefect defect) throws IOException {
    PowerCuts.Run run =
        new PowerCuts.Run("Journal", scratch, Seeds.seed("JournalPowerCutTest " + defect));
    try (PowerCuts cuts =
        new PowerCuts(
            new JournalEngine(defect), Companion.NONE, Durability.DURABLE, Map.of(), run)) {
      assertThatThrownBy(() -> cuts.surviveAll(CUTS))
          .as("%s, in %s cuts", defect, CUTS)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("seed");
    }
  }
}
