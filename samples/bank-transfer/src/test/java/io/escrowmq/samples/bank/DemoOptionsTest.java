package io.escrowmq.samples.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DemoOptionsTest {
  @TempDir Path folder;

  @Test
  void readsEveryOption() throws Exception {
    Path jar = Files.createFile(folder.resolve("server.jar"));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    DemoOptions options =
        DemoOptions.parse(
            List.of(
                "--server-jar",
                jar.toString(),
                "--java",
                java.toString(),
                "--transfers",
                "100",
                "--accounts",
                "3",
                "--seed",
                "-7",
                "--no-kill",
                "--keep"));

    assertThat(options.serverJar()).contains(jar);
    assertThat(options.java()).isEqualTo(java);
    assertThat(options.transfers()).isEqualTo(100);
    assertThat(options.accounts()).isEqualTo(3);
    assertThat(options.seed()).isEqualTo(-7);
    assertThat(options.kill()).isFalse();
    assertThat(options.keep()).isTrue();
  }

  @Test
  void neverKillsAServerThatItDidNotStart() throws Exception {
    assertThat(DemoOptions.parse(List.of("--address", "127.0.0.1:9876")).kill()).isFalse();
  }

  @Test
  void passesSettingsToTheServerItStarts() throws Exception {
    Path jar = Files.createFile(folder.resolve("server.jar"));
    String line =
        "--server-jar %s --storage rocksdb --set storage.durability=written --set escrowmq.x=a=b"
            .formatted(jar);

    assertThat(DemoOptions.parse(List.of(line.split(" "))).settings())
        .containsExactly(
            "--escrowmq.storage.type=rocksdb",
            "--escrowmq.storage.durability=written",
            "--escrowmq.x=a=b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--transfers",
        "--address 127.0.0.1:9876 --transfers many",
        "--address 127.0.0.1:9876 --transfers 1",
        "--address 127.0.0.1:9876 --accounts 0",
        "--address 127.0.0.1",
        "--address 127.0.0.1:9876 --server-jar x.jar",
        "--server-jar /no/such/server.jar",
        "--address 127.0.0.1:9876 --storage rocksdb",
        "--address 127.0.0.1:9876 --set storage.durability=written",
        "--address 127.0.0.1:9876 --set nothing",
        "--address 127.0.0.1:9876 --colour"
      })
  void refusesWhatMakesNoSense(String line) {
    List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" "));

    assertThatThrownBy(() -> DemoOptions.parse(arguments)).isInstanceOf(UsageException.class);
    assertThat(BankTransfer.run(arguments, discard(), discard())).isEqualTo(2);
  }

  @Test
  void printsItsUsage() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    int status =
        BankTransfer.run(
            List.of("--help"), new PrintStream(bytes, true, StandardCharsets.UTF_8), discard());

    assertThat(status).isZero();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("--server-jar")
        .contains("--address")
        .contains("Exit status");
  }

  @Test
  void saysWhyAServerCannotBeStarted() throws IOException {
    Path jar = Files.writeString(folder.resolve("server.jar"), "this is not a jar");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    int status =
        BankTransfer.run(
            List.of("--server-jar", jar.toString()),
            discard(),
            new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(status).isEqualTo(1);
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("The server stopped while starting")
        .contains("corrupt jarfile")
        .contains("What to do:");
  }

  private static PrintStream discard() {
    return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
  }
}
