package io.escrowmq.server.settings;

import io.escrowmq.node.NodeStartException;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Settings that a command was given, instead of those that this process would run a server with.
 */
public final class SettingsText {

  private SettingsText() {}

  /**
   * Binds settings as a server would, except that files and the environment set nothing; a value
   * may name an environment variable as {@code ${NAME}}.
   *
   * @param values by whole key, with its prefix
   * @throws NodeStartException for an unknown key or an unusable value
   */
  public static EscrowSettings bind(Map<String, String> values) {
    MutablePropertySources given = new MutablePropertySources();
    given.addLast(new MapPropertySource("commandLineArgs", Map.copyOf(values)));
    StandardEnvironment check = new StandardEnvironment();
    check
        .getPropertySources()
        .forEach(source -> check.getPropertySources().remove(source.getName()));
    given.forEach(check.getPropertySources()::addLast);
    new UnknownKeys(SettingsCatalog.instance()).check(check);

    MutablePropertySources known = new MutablePropertySources(given);
    known.addLast(
        new SystemEnvironmentPropertySource(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            Map.copyOf(System.getenv())));
    Binder binder =
        new Binder(
            ConfigurationPropertySources.from(given),
            new PropertySourcesPlaceholdersResolver(known));
    return SettingsGuard.bind(binder);
  }
}
