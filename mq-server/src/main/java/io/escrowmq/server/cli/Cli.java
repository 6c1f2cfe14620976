package io.escrowmq.server.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command tree: noun, then verb. */
@Command(
    name = "mq",
    description = "Operates a running EscrowMQ server.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TopicCommand.class,
      MessageCommand.class,
      GroupCommand.class,
      TransactionCommand.class,
      TransactionRulesCommand.class,
      ClusterCommand.class,
      StorageCommand.class,
      IntakeCommand.class,
      DoctorCommand.class
    })
public final class Cli implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  Cli() {}

  /** Runs a command and returns its exit code. */
  public static int run(String... args) {
    return run(
        new PrintWriter(System.out, true, System.out.charset()),
        new PrintWriter(System.err, true, System.err.charset()),
        args);
  }

  static int run(PrintWriter out, PrintWriter err, String... args) {
    return run(new Cli(), out, err, args);
  }

  /** Runs a command as one of ours: the same exit codes, failures explained in the same way. */
  public static int run(Object command, PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = new CommandLine(command);
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, _, _) -> explain(e, err));
    int code = line.execute(args);
    out.flush();
    err.flush();
    return code;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  private static int explain(Exception e, PrintWriter err) throws Exception {
    if (e instanceof CliException known) {
      err.println("mq: " + known.getMessage());
      if (!known.hint().isEmpty()) {
        err.println("    " + known.hint());
      }
      return known.exitCode();
    }
    throw e;
  }
}
