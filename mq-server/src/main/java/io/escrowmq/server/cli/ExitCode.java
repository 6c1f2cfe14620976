package io.escrowmq.server.cli;

/** Exit codes of every command. */
final class ExitCode {

  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NOT_FOUND = 3;
  static final int CONFLICT = 4;
  static final int NO_PERMISSION = 5;
  static final int NO_CONNECTION = 6;

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
