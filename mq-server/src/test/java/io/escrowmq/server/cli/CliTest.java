package io.escrowmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CliTest {

  @Test
  void usageErrorsAreCode2() {
    assertThat(CliRun.of().code()).isEqualTo(2);
    assertThat(CliRun.of("topic").code()).isEqualTo(2);
    assertThat(CliRun.of("nonsense").code()).isEqualTo(2);
    assertThat(CliRun.of("topic", "create").code()).isEqualTo(2);
  }

  @Test
  void helpIsCode0AndOnStandardOutput() {
    CliRun run = CliRun.of("topic", "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("create");
  }

  @Test
  void noServerIsCode6WithAdvice() {
    CliRun run = CliRun.of("topic", "list", "--server", "http://127.0.0.1:1");
    assertThat(run.code()).isEqualTo(6);
    assertThat(run.err()).contains("no server answers").contains("./mq server");
    assertThat(run.out()).isEmpty();
  }
}
