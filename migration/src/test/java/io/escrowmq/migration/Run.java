package io.escrowmq.migration;

import io.escrowmq.server.cli.Cli;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** A run of the command. */
record Run(int exit, String out, String err) {

  static Run migrate(String... args) {
    return migrate(Map.of(), args);
  }

  /** With environment variables. */
  static Run migrate(Map<String, String> environment, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Cli.run(new MigrateCommand(environment), new PrintWriter(out), new PrintWriter(err), args);
    return new Run(exit, out.toString(), err.toString());
  }
}
