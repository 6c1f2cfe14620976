package io.escrowmq.migration;

import io.escrowmq.server.cli.StoreOption;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.copy.CopyStep;
import java.util.List;
import java.util.Optional;

/** A process that migrates and dies without a word in the middle of it. */
final class HaltedMigration {

  static final int STATUS = 77;

  private HaltedMigration() {}

  /** Arguments: name server, target, pattern of topics, and the message at which it dies. */
  public static void main(String[] args) {
    long last = Long.parseLong(args[3]);
    SourceSettings settings = new SourceSettings(args[0], Optional.empty(), false, 10_000);
    try (SourceCluster source = SourceCluster.connect(settings)) {
      Planner.Choice choice =
          new Planner.Choice(
              Selection.of(List.of(args[2])), Selection.of(List.of("nobody")), Scope.ALL);
      new Migration(
              source, StoreOption.side("--to", args[1], List.of()), choice, StorageContext.system())
          .run(new Dying(last));
    }
  }

  private record Dying(long last) implements Migration.Listener {

    @Override
    public void begins(String what) {}

    @Override
    public void planned(MigrationPlan plan) {}

    @Override
    public void progress(CopyStep step, long done, long total) {
      if (step == CopyStep.MESSAGES && done >= last) {
        Runtime.getRuntime().halt(STATUS);
      }
    }
  }
}
