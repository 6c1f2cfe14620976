package io.escrowmq.server.cli;

import io.escrowmq.storage.jdbc.IntakeSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mq intake}: the tables in which applications leave messages. */
@Command(
    name = "intake",
    description = "Prepares databases whose transactions enqueue messages.",
    mixinStandardHelpOptions = true,
    subcommands = IntakeCommand.Ddl.class)
final class IntakeCommand implements Runnable {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  /** {@code mq intake ddl}: tables and functions as a script. */
  @Command(
      name = "ddl",
      description =
          "Prints the script that makes the intake in an application's database: tables, functions,"
              + " and the rights that roles need. An administrator runs it; servers never do.",
      mixinStandardHelpOptions = true)
  static final class Ddl implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // filled by the command line parser
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // filled by the command line parser
    @Option(names = "--vendor", required = true, description = "postgresql, or h2 for development.")
    private String vendor;

    @SuppressWarnings("NullAway.Init") // filled by the command line parser
    @Option(
        names = "--schema",
        paramLabel = "NAME",
        required = true,
        description = "The schema of the application's tables, for example public.")
    private String schema;

    @Override
    public Integer call() {
      try {
        spec.commandLine().getOut().print(IntakeSchema.script(vendor, schema));
        return ExitCode.OK;
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
      }
    }
  }
}
