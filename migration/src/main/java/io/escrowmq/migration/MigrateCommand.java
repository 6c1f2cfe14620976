package io.escrowmq.migration;

import io.escrowmq.migration.MigrationException.Reason;
import io.escrowmq.node.StorageCopy.Side;
import io.escrowmq.node.StorageCopyException;
import io.escrowmq.server.cli.CliException;
import io.escrowmq.server.cli.CopyProgress;
import io.escrowmq.server.cli.ExitCode;
import io.escrowmq.server.cli.StoreOption;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.copy.CopyStep;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mq migrate}: a running RocketMQ cluster, into the store of a server to be. */
@Command(
    name = "migrate",
    description = {
      "Copies topics, groups, consumer offsets and unconsumed messages from a running RocketMQ"
          + " cluster into the store of a server that does not run yet. Offsets, times and ids stay"
          + " as they are. Changes nothing in the cluster.",
      "Stopped in the middle, run it again: it goes on. Run again later, it takes what is new, until"
          + " a server has used the store. See docs/operating/migration.md."
    },
    mixinStandardHelpOptions = true)
final class MigrateCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Mixin private final ClusterOptions cluster = new ClusterOptions();

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Option(
      names = "--to",
      required = true,
      paramLabel = "TYPE[:DIR]",
      description =
          "Engine and data directory of the server to be, as in ./mq server --storage TYPE --data"
              + " DIR (DIR: ./data).")
  private String to;

  @Option(
      names = "--to-set",
      paramLabel = "KEY=VALUE",
      description =
          "A setting of the server to be, for example storage.jdbc.url=...; repeatable. $${NAME} in"
              + " it stands for an environment variable: write passwords so.")
  private List<String> toSettings = List.of();

  @Option(
      names = "--messages",
      paramLabel = "WHICH",
      defaultValue = "UNCONSUMED",
      description =
          "unconsumed (default): each queue from the lowest offset that a group has committed, dead"
              + " letters all; all: whatever the cluster still has; none: only what comes later.")
  private Scope messages = Scope.UNCONSUMED;

  @Option(
      names = "--topics",
      paramLabel = "PATTERN",
      split = ",",
      description =
          "Only these topics; * and ? stand for other characters, ! before it leaves out."
              + " Repeatable. Retries and dead letters go with their group.")
  private List<String> topics = List.of();

  @Option(
      names = "--groups",
      paramLabel = "PATTERN",
      split = ",",
      description = "Only these groups, in the same way.")
  private List<String> groups = List.of();

  @Option(names = "--dry-run", description = "Prints what would be done, and does nothing.")
  private boolean dryRun;

  private final Map<String, String> environment;
  private final TimeSource time = TimeSource.system();

  MigrateCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Side target = parsed(() -> StoreOption.side("--to", to, toSettings));
    SourceSettings settings = parsed(() -> cluster.settings(environment));
    Planner.Choice choice =
        new Planner.Choice(Selection.of(topics), Selection.of(groups), messages);
    PrintWriter out = spec.commandLine().getOut();
    MigrationText text = new MigrationText(out);
    CopyProgress progress =
        new CopyProgress(spec.commandLine().getErr(), time, CopyProgress.isTerminal());
    try (SourceCluster source = SourceCluster.connect(settings)) {
      Migration migration = new Migration(source, target, choice, StorageContext.system());
      if (dryRun) {
        MigrationPlan plan = migration.plan();
        text.plan(plan);
        return plan.obstacles().isEmpty() ? ExitCode.OK : ExitCode.CONFLICT;
      }
      long start = time.nanos();
      Migration.Result result = migration.run(new Shown(progress, text));
      progress.end();
      text.result(result);
      return end(result, (time.nanos() - start) / 1e9);
    } catch (MigrationException e) {
      throw new CliException(exitCode(e.reason()), String.valueOf(e.getMessage()), e.remedy());
    } catch (StorageCopyException e) {
      throw new CliException(ExitCode.CONFLICT, String.valueOf(e.getMessage()), e.remedy());
    } catch (StorageException e) {
      throw new CliException(
          ExitCode.FAILED, target.name() + ": " + e.getMessage(), e.remedy() + " Then run again.");
    } finally {
      progress.end();
    }
  }

  private int end(Migration.Result result, double seconds) {
    PrintWriter out = spec.commandLine().getOut();
    if (!result.differences().isEmpty()) {
      throw new CliException(
          ExitCode.FAILED,
          "the target is not what was read from the cluster, see the table",
          "Keep it for a report of this fault, and migrate into a new store.");
    }
    out.printf(
        Locale.ROOT,
        "copied and compared: %d topics, %d groups, %d offsets, %d messages in this run, in %.1f s%n",
        result.plan().topics().size(),
        result.plan().groups().size(),
        result.plan().offsets().size(),
        result.copied(),
        seconds);
    if (result.newMessages() + result.movedOffsets() > 0) {
      out.printf(
          Locale.ROOT,
          "since this run began the cluster got %d messages and moved %d offsets: run again when"
              + " its clients are stopped%n",
          result.newMessages(),
          result.movedOffsets());
    }
    out.println("start the server on " + to + " when you switch over");
    return ExitCode.OK;
  }

  /** The same for every option that describes something in its text. */
  private <T> T parsed(Supplier<T> option) {
    try {
      return option.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static int exitCode(Reason reason) {
    return switch (reason) {
      case UNREACHABLE -> ExitCode.NO_CONNECTION;
      case NO_PERMISSION -> ExitCode.NO_PERMISSION;
      case NOT_POSSIBLE -> ExitCode.CONFLICT;
      case FAILED -> ExitCode.FAILED;
    };
  }

  /** Shows how a run gets on. */
  private record Shown(CopyProgress progress, MigrationText text) implements Migration.Listener {

    @Override
    public void begins(String what) {
      progress.begins(what);
    }

    @Override
    public void progress(CopyStep step, long done, long total) {
      progress.progress(step, done, total);
    }

    @Override
    public void planned(MigrationPlan plan) {
      text.plan(plan);
    }
  }
}
