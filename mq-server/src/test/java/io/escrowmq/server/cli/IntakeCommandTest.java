package io.escrowmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class IntakeCommandTest {

  @Test
  void printsTablesFunctionsAndRights() {
    CliRun run = CliRun.of("intake", "ddl", "--vendor", "postgresql", "--schema", "bank");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(
            "create table \"bank\".escrow_intake (",
            "create function \"bank\".escrowmq_send(",
            "grant insert on \"bank\".escrow_intake to APPLICATION;")
        .doesNotContain("${");
  }

  @Test
  void refusesNamesThatWouldNotStayNames() {
    CliRun run = CliRun.of("intake", "ddl", "--vendor", "postgresql", "--schema", "a\"; drop");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("cannot be used");
  }

  @Test
  void namesTheVendorsThatHaveAScript() {
    CliRun run = CliRun.of("intake", "ddl", "--vendor", "abacus", "--schema", "bank");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("postgresql", "h2");
  }
}
