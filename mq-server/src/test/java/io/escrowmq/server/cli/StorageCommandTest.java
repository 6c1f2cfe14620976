package io.escrowmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StorageCommandTest {

  @ParameterizedTest
  @CsvSource({
    "postgresql, create table mq_message (",
    "mariadb, create table if not exists mq_message (",
    "h2, create table mq_message ("
  })
  void theTablesArePrintedForAdministrators(String vendor, String statement) {
    CliRun run = CliRun.of("storage", "ddl", "--vendor", vendor);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains(statement).contains("mq_group");
  }

  @Test
  void anUnknownVendorIsAUsageError() {
    CliRun run = CliRun.of("storage", "ddl", "--vendor", "abacus");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("abacus").contains("postgresql").contains("mariadb");
  }
}
