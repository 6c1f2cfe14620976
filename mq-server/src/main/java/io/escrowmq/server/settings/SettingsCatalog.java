package io.escrowmq.server.settings;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** All settings below our prefix, read from {@link EscrowSettings} by reflection. Immutable. */
public final class SettingsCatalog {

  /** Stands in keys for a name that the operator gives. */
  private static final String NAME = "<name>";

  private static final SettingsCatalog INSTANCE =
      new SettingsCatalog(collect(EscrowSettings.PREFIX, EscrowSettings.class));

  private final List<Setting> settings;

  private SettingsCatalog(List<Setting> settings) {
    this.settings = List.copyOf(settings);
  }

  /** The settings of this server. */
  public static SettingsCatalog instance() {
    return INSTANCE;
  }

  /** In the order of the records. */
  public List<Setting> settings() {
    return settings;
  }

  /** True if the key may be set; case, dashes and underscores do not matter. */
  public boolean knows(String key) {
    String plain = plain(key);
    return settings.stream().anyMatch(setting -> matches(plain(setting.key()), plain, "[^.]+"));
  }

  /** True if an environment variable of this name sets something, for example ESCROWMQ_DATA_DIR. */
  public boolean knowsVariable(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return settings.stream()
        .anyMatch(setting ->
            Stream.of("", "_")
                .map(dash -> variable(setting.key(), dash))
                .anyMatch(variable -> matches(variable, upper, "[A-Z0-9]+")));
  }

  /** True if the text is the key, in which a name may stand where the key has {@link #NAME}. */
  private static boolean matches(String key, String text, String names) {
    int name = key.toLowerCase(Locale.ROOT).indexOf(NAME);
    if (name < 0) {
      return key.equals(text);
    }
    String end = key.substring(name + NAME.length());
    return text.matches(Pattern.quote(key.substring(0, name)) + names + Pattern.quote(end));
  }

  /** The environment variable that sets a key. */
  static String variable(String key, String dash) {
    return key.toUpperCase(Locale.ROOT).replace(".", "_").replace("-", dash);
  }

  /** The known key that is most like the given one, if any is like it at all. */
  public Optional<String> nearest(String key) {
    String wanted = key.toLowerCase(Locale.ROOT);
    record Candidate(String key, int distance) {}
    return settings.stream()
        .map(setting -> new Candidate(setting.key(), distance(wanted, setting.key())))
        .min(Comparator.comparingInt(Candidate::distance))
        .filter(best -> best.distance() <= Math.max(3, wanted.length() / 3))
        .map(Candidate::key)
        .or(() -> sameLastWord(wanted));
  }

  /** For keys that have the right name in the wrong place. */
  private Optional<String> sameLastWord(String wanted) {
    return settings.stream()
        .map(Setting::key)
        .filter(key -> distance(lastWord(wanted), lastWord(key)) <= 1)
        .findFirst();
  }

  private static String lastWord(String key) {
    return plain(key.substring(key.lastIndexOf('.') + 1));
  }

  private static List<Setting> collect(String prefix, Class<?> type) {
    List<Setting> found = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String key = prefix + "." + kebab(component.getName());
      if (component.getType().isRecord()) {
        found.addAll(collect(key, component.getType()));
      } else if (component.getGenericType() instanceof ParameterizedType map
          && map.getRawType() == Map.class) {
        // The keys are names that the operator gives, the values are records.
        found.addAll(collect(key + "." + NAME, (Class<?>) map.getActualTypeArguments()[1]));
      } else {
        found.add(setting(key, component));
      }
    }
    return found;
  }

  private static Setting setting(String key, RecordComponent component) {
    Describe describe = component.getAnnotation(Describe.class);
    if (describe == null) {
      throw new IllegalStateException("setting " + key + " has no description");
    }
    String type = typeName(component.getType());
    return new Setting(key, type, defaultText(component, describe), describe.value());
  }

  private static String defaultText(RecordComponent component, Describe describe) {
    @Nullable DefaultValue value = canonicalDefault(component);
    if (value == null || value.value().length == 0) {
      return describe.unset();
    }
    return "`" + value.value()[0] + "`";
  }

  /** The annotation targets parameters, so it sits on the canonical constructor. */
  private static @Nullable DefaultValue canonicalDefault(RecordComponent component) {
    Class<?> owner = component.getDeclaringRecord();
    RecordComponent[] all = owner.getRecordComponents();
    for (int i = 0; i < all.length; i++) {
      if (all[i].getName().equals(component.getName())) {
        return owner.getDeclaredConstructors()[0].getParameters()[i].getAnnotation(
            DefaultValue.class);
      }
    }
    return null;
  }

  private static String typeName(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> "`" + constant.toString().toLowerCase(Locale.ROOT) + "`")
          .collect(Collectors.joining(" or "));
    }
    Map<Class<?>, String> names =
        Map.of(
            Duration.class, "duration",
            DataSize.class, "size",
            Path.class, "path",
            String.class, "text",
            boolean.class, "`true` or `false`",
            Boolean.class, "`true` or `false`",
            int.class, "number",
            long.class, "number");
    return Optional.ofNullable(names.get(type))
        .orElseThrow(() -> new IllegalStateException("no name for the type " + type));
  }

  private static String kebab(String camelCase) {
    return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static String plain(String key) {
    return key.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
  }

  /** Edits (insert, delete, replace) that lead from one text to the other. */
  private static int distance(String from, String to) {
    int[] previous = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] current = new int[to.length() + 1];
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replace = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[to.length()];
  }
}
