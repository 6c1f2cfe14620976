package io.escrowmq.server.cli;

/** Exit codes of every command. */
public final class ExitCode {

  public static final int OK = 0;
  public static final int FAILED = 1;
  public static final int USAGE = 2;
  public static final int NOT_FOUND = 3;
  public static final int CONFLICT = 4;
  public static final int NO_PERMISSION = 5;
  public static final int NO_CONNECTION = 6;

  private ExitCode() {}

  static int ofHttpStatus(int status) {
    return switch (status) {
      case 400, 422 -> USAGE;
      case 401, 403 -> NO_PERMISSION;
      case 404 -> NOT_FOUND;
      case 409, 412 -> CONFLICT;
      default -> FAILED;
    };
  }
}
