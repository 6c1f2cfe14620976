package io.escrowmq.server.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Writes the page with {@code -Descrowmq.docs.update=true}, else compares it with the code. */
final class SettingsPageTest {

  private static final Path PAGE = Path.of("..", "docs", "operating", "settings.md");

  private static final String INTRODUCTION =
      """
      # Settings

      <!-- Generated from EscrowSettings by SettingsPageTest; change the record, not this page. -->

      Every setting can be given as an argument (`--escrowmq.data-dir=/var/lib/escrowmq`), as an environment
      variable (`ESCROWMQ_DATA_DIR`), or in `application.yaml` or `application.properties` in the working
      directory or its `config` folder; arguments win over the environment, the environment over files.
      A key below `escrowmq.` that is not listed here refuses to start and names the nearest one.

      Durations are written `500ms`, `6s`, `10m`, `72h`, `7d`; sizes `64KB`, `16MB`, `10GB`.

      | setting | type | default | meaning |
      |---|---|---|---|
      """;

  private static final String FRAMEWORK =
      """

      Of the framework's own settings these are useful: `server.port` (default `8080`, 0 picks a free one; REST API,
      health, metrics), `server.address` (default: `escrowmq.bind-address`), `logging.level.io.escrowmq` (default `INFO`).
      """;

  @Test
  void thePageSaysWhatTheCodeDoes() throws IOException {
    String wanted = page();
    if (Boolean.getBoolean("escrowmq.docs.update")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, wanted);
    }
    assertThat(Files.readString(PAGE))
        .as("run this test with -Descrowmq.docs.update=true to write the page")
        .isEqualTo(wanted);
  }

  private static String page() {
    StringBuilder page = new StringBuilder(INTRODUCTION);
    for (Setting setting : SettingsCatalog.instance().settings()) {
      page.append("| `").append(setting.key()).append("` | ");
      page.append(setting.type()).append(" | ");
      page.append(setting.defaultText()).append(" | ");
      page.append(setting.description()).append(" |\n");
    }
    return page.append(FRAMEWORK).toString();
  }
}
