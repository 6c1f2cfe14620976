package io.escrowmq.migration;

import io.escrowmq.server.cli.Cli;
import java.io.PrintWriter;

/** The program behind {@code ./mq migrate}. */
public final class Migrate {

  private Migrate() {}

  /** Runs the command and ends with its exit code. */
  public static void main(String[] args) {
    int code =
        Cli.run(
            new MigrateCommand(System.getenv()),
            new PrintWriter(System.out, true, System.out.charset()),
            new PrintWriter(System.err, true, System.err.charset()),
            args);
    // The client's threads would keep the process alive for a while.
    System.exit(code);
  }
}
