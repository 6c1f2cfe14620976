package io.escrowmq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every foreseeable refusal says what, where, why, and what to do, and leaves nothing behind. */
final class StartFailureTest {

  @TempDir private Path directory;

  @Test
  void unknownKey() {
    assertThat(refusal("--escrowmq.remoting.prt=1"))
        .contains("what:    Unknown setting 'escrowmq.remoting.prt'")
        .contains("do this: Did you mean 'escrowmq.remoting.port'?");
  }

  @Test
  void unusableValue() {
    assertThat(refusal("--escrowmq.storage.durability=perhaps"))
        .contains("where:   escrowmq.storage.durability=perhaps");
    assertThat(refusal("--escrowmq.remoting.port=70000"))
        .contains("escrowmq.remoting.port is 0 to 65535, not 70000");
  }

  @Test
  void unknownEngine() {
    assertThat(refusal("--escrowmq.storage.type=papyrus"))
        .contains("storage type 'papyrus'")
        .contains("available engines: ")
        .contains("memory");
  }

  @Test
  void openAddress() {
    assertThat(refusal("--escrowmq.bind-address=0.0.0.0", "--escrowmq.advertised-address=host"))
        .contains("what:    Refusing to be open to the network")
        .contains("escrowmq.allow-insecure-bind=true");
  }

  @Test
  void remotingPortTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(refusal("--escrowmq.remoting.port=" + taken.getLocalPort()))
          .contains("what:    A port is taken")
          .contains(Integer.toString(taken.getLocalPort()))
          .contains("do this: ");
    }
  }

  @Test
  void httpPortTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(refusal("--server.port=" + taken.getLocalPort()))
          .contains("what:    A port is taken")
          .contains("HTTP port " + taken.getLocalPort());
    }
  }

  @Test
  void directoryThatIsAFile() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Throwable failure = catchThrowable(() -> RunningServer.start(file.resolve("below")).close());
    assertThat(StartFailure.text(failure)).contains("what:    The data directory is not writable");
  }

  @Test
  void corruptStore() throws Exception {
    FragileStorageProvider.corrupt(directory);
    assertThat(refusal("--escrowmq.storage.type=fragile"))
        .contains("what:    The store cannot be opened")
        .contains("why:     segment 7 has a bad checksum at 4096")
        .contains("do this: Keep the files as they are");
  }

  @Test
  void aRefusedStartLeavesNoEndpointsFile() {
    refusal("--escrowmq.storage.type=papyrus");
    assertThat(directory.resolve("endpoints.json")).doesNotExist();
  }

  private String refusal(String... arguments) {
    Throwable failure = catchThrowable(() -> RunningServer.start(directory, arguments).close());
    assertThat(failure).isNotNull();
    String text = StartFailure.text(failure);
    assertThat(text).doesNotContain("unexpected error");
    return text;
  }
}
