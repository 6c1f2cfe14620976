package io.escrowmq.crash.bank;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The places of a child JVM where it may end as if it had been killed there: the n-th place that
 * any of its threads reaches is its last. Safe for use by many threads.
 */
final class FaultPoints {

  /** Exit status of a process that ended here, as SIGKILL would give it. */
  static final int STATUS = 137;

  private final Path halts;
  private final String process;
  private final AtomicLong left;

  /**
   * Arms the points.
   *
   * @param halts a file that gets a line with the name of the last point
   * @param after which point is the last one, from 1; 0 for none
   */
  FaultPoints(Path halts, String process, long after) {
    this.halts = halts;
    this.process = process;
    this.left = new AtomicLong(after <= 0 ? Long.MAX_VALUE : after);
  }

  /** No point ends the process from now on. */
  void disarm() {
    left.set(Long.MAX_VALUE);
  }

  /** A thread reached the point of this name. */
  void reached(String point) {
    if (left.decrementAndGet() != 0) {
      return;
    }
    try {
      Files.writeString(
          halts,
          process + ": " + point + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("the point of the halt cannot be noted in " + halts, e);
    }
    Runtime.getRuntime().halt(STATUS);
  }
}
