package io.escrowmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class StorageCommandTest {

  @Test
  void theTablesArePrintedForAdministrators() {
    CliRun run = CliRun.of("storage", "ddl", "--vendor", "postgresql");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("create table mq_message").contains("create table mq_group");
  }

  @Test
  void anUnknownVendorIsAUsageError() {
    CliRun run = CliRun.of("storage", "ddl", "--vendor", "abacus");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("abacus").contains("postgresql");
  }
}
