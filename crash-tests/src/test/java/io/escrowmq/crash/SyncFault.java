package io.escrowmq.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Makes fsync and fdatasync of a running process fail, through strace's system call injection. */
final class SyncFault implements AutoCloseable {

  private final Process strace;
  private final Path trace;

  private SyncFault(Process strace, Path trace) {
    this.strace = strace;
    this.trace = trace;
  }

  /**
   * Attaches to the process.
   *
   * @param when strace's expression: {@code 3} for the third call only, {@code 3+} from the third
   *     on
   */
  static SyncFault attach(long pid, String when, Path directory) {
    try {
      Path trace = Files.createTempFile(directory, "strace", ".txt");
      Path messages = Files.createTempFile(directory, "strace", ".log");
      Process strace =
          new ProcessBuilder(
                  List.of(
                      "strace",
                      "-f",
                      "-p",
                      Long.toString(pid),
                      "-o",
                      trace.toString(),
                      "-e",
                      "trace=fsync,fdatasync",
                      "-e",
                      "inject=fsync,fdatasync:error=EIO:when=" + when))
              .redirectErrorStream(true)
              .redirectOutput(messages.toFile())
              .start();
      Awaitility.await("strace attached to " + pid)
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> Files.readString(messages).contains("attached"));
      return new SyncFault(strace, trace);
    } catch (IOException e) {
      throw new UncheckedIOException("strace is needed for this test (Debian package strace)", e);
    }
  }

  /** True once at least one call was made to fail. */
  boolean hasFired() {
    try {
      return Files.readString(trace).contains("INJECTED");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    strace.destroy();
    try {
      if (!strace.waitFor(10, TimeUnit.SECONDS)) {
        strace.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
