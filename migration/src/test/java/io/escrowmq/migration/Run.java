package io.escrowmq.migration;

import java.io.PrintWriter;
import java.io.StringWriter;

/** A run of the command. */
record Run(int exit, String out, String err) {

  static Run migrate(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit = Migrate.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Run(exit, out.toString(), err.toString());
  }
}
