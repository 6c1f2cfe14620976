package io.escrowmq.server.cli;

import io.escrowmq.storage.jdbc.Schema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mq storage}: what concerns a store without a running server. */
@Command(
    name = "storage",
    description = "Prepares storage engines, and moves data between them.",
    mixinStandardHelpOptions = true,
    subcommands = {StorageCommand.Ddl.class, StorageCopyCommand.class})
final class StorageCommand implements Runnable {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  /** {@code mq storage ddl}: the tables as a script. */
  @Command(
      name = "ddl",
      description =
          "Prints the script that creates the tables of the jdbc engine, for administrators who run"
              + " it themselves.",
      mixinStandardHelpOptions = true)
  static final class Ddl implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // filled by the command line parser
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // filled by the command line parser
    @Option(names = "--vendor", required = true, description = "postgresql, mariadb or h2.")
    private String vendor;

    @Option(
        names = "--shards",
        paramLabel = "N",
        defaultValue = "0",
        description = "For servers that share the database: as in escrowmq.cluster.shards.")
    private int shards;

    @Option(
        names = "--schema",
        paramLabel = "NAME",
        defaultValue = "escrowmq",
        description = "With --shards: the schema that the URL names (${DEFAULT-VALUE}).")
    private String schema = "escrowmq";

    @Override
    public Integer call() {
      if (shards > 0 && !vendor.equals("postgresql")) {
        throw new ParameterException(
            spec.commandLine(), "Servers share PostgreSQL only; leave --shards out");
      }
      if (!Schema.vendors().contains(vendor)) {
        throw new ParameterException(
            spec.commandLine(), "No tables for " + vendor + "; known are " + Schema.vendors());
      }
      String script = shards > 0 ? Schema.sharedScript(schema, shards) : Schema.script(vendor);
      spec.commandLine().getOut().print(script);
      return ExitCode.OK;
    }
  }
}
