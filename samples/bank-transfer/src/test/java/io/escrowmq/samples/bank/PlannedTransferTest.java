package io.escrowmq.samples.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.samples.bank.contract.Transfer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PlannedTransferTest {
  @Test
  void theSameSeedGivesTheSamePlan() {
    assertThat(PlannedTransfer.plan(100, 5, 1)).isEqualTo(PlannedTransfer.plan(100, 5, 1));
    assertThat(PlannedTransfer.plan(100, 5, 1)).isNotEqualTo(PlannedTransfer.plan(100, 5, 2));
  }

  @Test
  void theSmallestPlanHasEveryFate() {
    Set<Fate> fates =
        PlannedTransfer.plan(DemoOptions.MIN_TRANSFERS, 5, 1).stream()
            .map(PlannedTransfer::fate)
            .collect(Collectors.toSet());

    assertThat(fates).containsExactlyInAnyOrder(Fate.values());
  }

  @Test
  void theInstanceThatIsKilledHoldsABoundedNumberOfTransfers() {
    List<PlannedTransfer> plan = PlannedTransfer.plan(10_000, 5, 1);

    assertThat(plan).filteredOn(planned -> planned.fate().killsItsSender()).hasSize(40);
  }

  @Test
  void aTransferSurvivesItsMessage() {
    Transfer transfer = new Transfer("T1", 2, 3, 12_345);

    assertThat(Transfer.fromBody(transfer.toBody())).isEqualTo(transfer);
  }
}
