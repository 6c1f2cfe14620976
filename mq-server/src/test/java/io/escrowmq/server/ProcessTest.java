package io.escrowmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.server.cli.CliRun;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process shows: the ready line, exit codes, signals, locks between processes. */
final class ProcessTest {

  /** How the Java virtual machine says that SIGTERM ended it, after its shutdown hooks ran. */
  private static final int ENDED_BY_SIGTERM = 143;

  @TempDir private Path directory;

  @Test
  void startsServesAndStopsOnSigterm() throws Exception {
    try (ServerProcess server =
        ServerProcess.start(directory, "--escrowmq.storage.type=commitlog")) {
      String ready = server.awaitLine("EscrowMQ ready");
      System.out.println(ready);
      assertThat(ready)
          .contains(" nameServer=127.0.0.1:")
          .contains(" remoting=127.0.0.1:")
          .contains(" http=127.0.0.1:")
          .contains(" started-in=");
      assertThat(directory.resolve("endpoints.json")).exists();
      assertThat(CliRun.of("cluster", "info", "--data", directory.toString()).out())
          .containsPattern("survives +server kill, power cut");
      aSecondServerIsRefused(server.pid());
      server.terminate();
      server.awaitLine("EscrowMQ stopped");
      assertThat(server.awaitExit()).isEqualTo(ENDED_BY_SIGTERM);
      assertThat(server.errors()).isEmpty();
      assertThat(directory.resolve("endpoints.json")).doesNotExist();
    }
  }

  private void aSecondServerIsRefused(long owner) throws Exception {
    try (ServerProcess second =
        ServerProcess.start(directory, "--escrowmq.storage.type=commitlog")) {
      assertThat(second.awaitExit()).isEqualTo(1);
      assertThat(second.errors())
          .startsWith("EscrowMQ did not start")
          .contains("what:    The store cannot be opened")
          .contains("is open in process " + owner)
          .doesNotContain("\tat ");
      assertThat(directory.resolve("endpoints.json")).exists();
    }
  }

  @Test
  void anUnknownKeyIsExitCode1WithoutStackTrace() throws Exception {
    try (ServerProcess server = ServerProcess.start(directory, "--escrowmq.data-dirr=x")) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.errors())
          .contains("Did you mean 'escrowmq.data-dir'?")
          .doesNotContain("\tat ");
    }
  }
}
