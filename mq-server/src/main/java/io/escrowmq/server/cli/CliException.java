package io.escrowmq.server.cli;

/** A command that did not work: its exit code, what happened, and what to do. */
public final class CliException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final String hint;

  /**
   * A failure to be shown.
   *
   * @param exitCode one of {@link ExitCode}
   * @param hint what to do; empty if nothing can be said
   */
  public CliException(int exitCode, String message, String hint) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }

  int exitCode() {
    return exitCode;
  }

  String hint() {
    return hint;
  }
}
