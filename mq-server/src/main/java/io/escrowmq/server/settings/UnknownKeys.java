package io.escrowmq.server.settings;

import io.escrowmq.node.NodeStartException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Refuses keys below our prefix that mean nothing: a typing error must not become a default. */
final class UnknownKeys {

  private static final String KEY_PREFIX = EscrowSettings.PREFIX + ".";
  private static final String VARIABLE_PREFIX =
      EscrowSettings.PREFIX.toUpperCase(Locale.ROOT) + "_";

  private final SettingsCatalog catalog;

  UnknownKeys(SettingsCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Looks through arguments, system properties, environment and files.
   *
   * @throws NodeStartException for the first unknown key
   */
  void check(ConfigurableEnvironment environment) {
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> enumerable) {
        for (String name : enumerable.getPropertyNames()) {
          check(source, name);
        }
      }
    }
  }

  private void check(PropertySource<?> source, String name) {
    boolean variable =
        source.getName().contains(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)
            && name.toUpperCase(Locale.ROOT).startsWith(VARIABLE_PREFIX);
    boolean key = name.toLowerCase(Locale.ROOT).startsWith(KEY_PREFIX);
    if ((variable && !catalog.knowsVariable(name)) || (key && !catalog.knows(name))) {
      throw new NodeStartException(
          "Unknown setting '" + name + "'",
          where(source, name),
          "no setting has this name",
          remedy(name, variable),
          null);
    }
  }

  private String remedy(String name, boolean variable) {
    String key = variable ? name.toLowerCase(Locale.ROOT).replace('_', '.') : name;
    Optional<String> nearest = catalog.nearest(key);
    return nearest
        .map(known -> "Did you mean '" + (variable ? asVariable(known) : known) + "'?")
        .orElse("Remove it; docs/operating/settings.md lists every setting.");
  }

  private static String asVariable(String key) {
    return SettingsCatalog.variable(key, "_");
  }

  private static String where(PropertySource<?> source, String name) {
    @Nullable Origin origin = OriginLookup.getOrigin(source, name);
    if (origin != null) {
      return origin.toString();
    }
    return switch (source.getName()) {
      case "commandLineArgs" -> "command line";
      case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME -> "Java system properties";
      case StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME -> "environment";
      default -> source.getName();
    };
  }
}
