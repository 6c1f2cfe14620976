package io.escrowmq.server.settings;

import io.escrowmq.node.NodeStartException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Checks every setting before anything is started, and derives those settings of Spring that follow
 * from ours (address of the REST API, log file).
 */
final class SettingsGuard implements EnvironmentPostProcessor, Ordered {

  private final Log log;

  SettingsGuard(DeferredLogFactory logs) {
    this.log = logs.getLog(SettingsGuard.class);
  }

  /** After the configuration files were read. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    new UnknownKeys(SettingsCatalog.instance()).check(environment);
    EscrowSettings settings = bind(Binder.get(environment));
    String httpAddress = environment.getProperty("server.address", settings.bindAddress());
    BindPolicy.check(settings, httpAddress, hasTls(environment)).ifPresent(log::warn);
    Map<String, Object> derived = new HashMap<>();
    derived.put("server.address", settings.bindAddress());
    derived.put(
        "management.endpoint.health.show-details",
        BindPolicy.isLoopback(httpAddress) && !settings.security().enabled() ? "always" : "never");
    derived.put(
        "spring.lifecycle.timeout-per-shutdown-phase",
        settings.shutdownGrace().plusSeconds(10).toMillis() + "ms");
    if (settings.logToFile()) {
      derived.put(
          "logging.file.name",
          settings.dataDir().resolve("logs").resolve("escrowmq.log").toString());
    }
    environment
        .getPropertySources()
        .addLast(new MapPropertySource("derived from escrowmq", derived));
  }

  /** Whether the REST API, health and metrics are reached by TLS only. */
  private static boolean hasTls(ConfigurableEnvironment environment) {
    return environment.getProperty("server.ssl.enabled", Boolean.class, true)
        && Stream.of("bundle", "certificate", "key-store")
            .anyMatch(key -> environment.containsProperty("server.ssl." + key));
  }

  /**
   * The settings.
   *
   * @throws NodeStartException if one has an unusable value
   */
  static EscrowSettings bind(Binder binder) {
    try {
      return binder.bindOrCreate(EscrowSettings.PREFIX, EscrowSettings.class);
    } catch (BindException e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new NodeStartException(
          "A setting has an unusable value",
          String.valueOf(e.getName())
              + (e.getProperty() == null ? "" : "=" + e.getProperty().getValue()),
          Objects.requireNonNullElse(root.getMessage(), root.toString()),
          "Correct the value; docs/operating/settings.md lists types and ranges.",
          e);
    }
  }
}
