package io.escrowmq.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.node.NodeStartException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

final class UnknownKeysTest {

  private final UnknownKeys check = new UnknownKeys(SettingsCatalog.instance());

  @Test
  void refusesAnArgument() {
    assertThatThrownBy(() -> check(new SimpleCommandLinePropertySource("--escrowmq.data-dirr=x")))
        .isInstanceOfSatisfying(
            NodeStartException.class,
            e -> {
              assertThat(e.what()).isEqualTo("Unknown setting 'escrowmq.data-dirr'");
              assertThat(e.where()).isEqualTo("command line");
              assertThat(e.remedy()).isEqualTo("Did you mean 'escrowmq.data-dir'?");
            });
  }

  @Test
  void refusesAnEnvironmentVariable() {
    assertThatThrownBy(() ->
            check(
                new SystemEnvironmentPropertySource(
                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                    Map.of("ESCROWMQ_STORAGE_TYP", "commitlog"))))
        .isInstanceOfSatisfying(
            NodeStartException.class,
            e -> assertThat(e.remedy()).isEqualTo("Did you mean 'ESCROWMQ_STORAGE_TYPE'?"));
  }

  @Test
  void refusesAKeyOfAFile() {
    assertThatThrownBy(
            () -> check(new MapPropertySource("a file", Map.of("escrowmq.grpc.prt", "1"))))
        .hasMessageContaining("escrowmq.grpc.prt")
        .hasMessageContaining("a file");
  }

  @Test
  void acceptsWhatItKnowsAndWhatIsNotOurs() {
    assertThatCode(() ->
            check(
                new SimpleCommandLinePropertySource(
                    "--escrowmq.data-dir=x",
                    "--server.port=0",
                    "--escrowmq.storage.commitlog.segment-bytes=1MB")))
        .doesNotThrowAnyException();
  }

  private void check(PropertySource<?> source) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .forEach(s -> environment.getPropertySources().remove(s.getName()));
    environment.getPropertySources().addFirst(source);
    check.check(environment);
  }
}
