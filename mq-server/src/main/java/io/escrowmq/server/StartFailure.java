package io.escrowmq.server;

import io.escrowmq.node.NodeStartException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.PortInUseException;

/**
 * Turns a failed start into one clear error: what, where, why, do this. No stack trace if expected.
 */
final class StartFailure {

  private StartFailure() {}

  /** Prints the error to standard error; an unexpected one with its stack trace. */
  static void print(Throwable failure) {
    System.err.println(text(failure));
    if (expected(failure) == null) {
      failure.printStackTrace();
    }
    System.err.flush();
  }

  /** The error in words. */
  static String text(Throwable failure) {
    NodeStartException expected = expected(failure);
    return expected == null ? unexpected(failure) : describe(expected);
  }

  private static String describe(NodeStartException failure) {
    return "EscrowMQ did not start\n"
        + ("  what:    " + failure.what() + "\n")
        + ("  where:   " + failure.where() + "\n")
        + ("  why:     " + failure.why() + "\n")
        + ("  do this: " + failure.remedy());
  }

  private static String unexpected(Throwable failure) {
    return "EscrowMQ did not start\n"
        + "  what:    an unexpected error\n"
        + ("  why:     " + failure + "\n")
        + "  do this: report it with the stack trace below";
  }

  private static @Nullable NodeStartException expected(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof NodeStartException known) {
        return known;
      }
      if (cause instanceof PortInUseException taken) {
        return new NodeStartException(
            "A port is taken",
            "HTTP port " + taken.getPort(),
            Objects.requireNonNullElse(taken.getMessage(), "another process listens there"),
            "Stop the other process, or choose another port with --server.port=<port> (0 picks a"
                + " free one).",
            taken);
      }
    }
    return null;
  }
}
