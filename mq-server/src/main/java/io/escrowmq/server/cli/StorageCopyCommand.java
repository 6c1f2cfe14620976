package io.escrowmq.server.cli;

import io.escrowmq.node.StorageCopy;
import io.escrowmq.node.StorageCopy.Side;
import io.escrowmq.node.StorageCopyException;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.copy.CopyFigures;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mq storage copy}: the data of a stopped server, into another engine. */
@Command(
    name = "copy",
    description =
        "Moves the data of a stopped server into an empty store of any engine: messages with their"
            + " offsets and times, open and decided transactions, delayed messages, consumer"
            + " offsets, topics, groups. Reads both back at the end; until they are equal, no server"
            + " opens the target. The source is not changed.",
    mixinStandardHelpOptions = true)
final class StorageCopyCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Option(
      names = "--from",
      required = true,
      paramLabel = "TYPE[:DIR]",
      description =
          "Engine and data directory of the stopped server, as in ./mq server --storage TYPE --data"
              + " DIR (DIR: ./data).")
  private String from;

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Option(
      names = "--to",
      required = true,
      paramLabel = "TYPE[:DIR]",
      description = "The same of the server to be; the directory may be the same.")
  private String to;

  @Option(
      names = "--from-set",
      paramLabel = "KEY=VALUE",
      description =
          "A setting of the stopped server, for example storage.jdbc.url=...; repeatable. $${NAME}"
              + " in it stands for an environment variable: write passwords so.")
  private List<String> fromSettings = List.of();

  @Option(
      names = "--to-set",
      paramLabel = "KEY=VALUE",
      description = "A setting of the server to be; repeatable.")
  private List<String> toSettings = List.of();

  @Option(
      names = "--accept-degraded",
      description = "Copy although the source says that it needs attention (a disk nearly full).")
  private boolean acceptDegraded;

  private final TimeSource time = TimeSource.system();

  @Override
  public Integer call() {
    Side source = side("--from", from, fromSettings);
    Side target = side("--to", to, toSettings);
    long start = time.nanos();
    CopyProgress progress =
        new CopyProgress(spec.commandLine().getErr(), time, CopyProgress.isTerminal());
    CopyFigures figures;
    try {
      figures =
          new StorageCopy(source, target, acceptDegraded, StorageContext.system()).run(progress);
    } catch (StorageCopyException e) {
      progress.end();
      throw new CliException(exitCode(e.reason()), String.valueOf(e.getMessage()), e.remedy());
    }
    progress.end();
    report(figures, (time.nanos() - start) / 1e9);
    return ExitCode.OK;
  }

  private void report(CopyFigures figures, double seconds) {
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "copied and compared: %d queues, %d messages (%.1f MiB), %d holds, %d decisions, %d rows"
                + " in %.1f s%n",
            figures.queues(),
            figures.messages(),
            figures.messageBytes() / (double) (1 << 20),
            figures.holds(),
            figures.decisions(),
            figures.rows(),
            seconds);
    spec.commandLine()
        .getOut()
        .println("start the server on " + to + "; keep the source until you are content");
  }

  private Side side(String option, String store, List<String> settings) {
    try {
      return StoreOption.side(option, store, settings);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static int exitCode(StorageCopyException.Reason reason) {
    return switch (reason) {
      case NO_SOURCE -> ExitCode.NOT_FOUND;
      case NOT_USABLE -> ExitCode.CONFLICT;
      case FAILED -> ExitCode.FAILED;
    };
  }
}
