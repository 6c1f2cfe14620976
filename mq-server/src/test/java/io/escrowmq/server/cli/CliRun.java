package io.escrowmq.server.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command printed and returned. */
public record CliRun(int code, String out, String err) {

  /** Runs a command in this process. */
  public static CliRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Cli.run(new PrintWriter(out), new PrintWriter(err), args);
    return new CliRun(code, out.toString(), err.toString());
  }
}
