package io.escrowmq.server.settings;

import io.escrowmq.node.IntakeSettings;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables in which applications leave messages, in the words of the node. */
final class IntakeSettingsFactory {

  private IntakeSettingsFactory() {}

  static Map<String, IntakeSettings> from(Map<String, EscrowSettings.Intake> intakes) {
    Map<String, IntakeSettings> all = new HashMap<>();
    intakes.forEach((name, intake) -> {
      Map<String, String> options = new HashMap<>();
      put(options, IntakeSettings.URL, intake.url());
      put(options, "username", intake.username());
      put(options, "password", intake.password());
      put(options, "schema", intake.schema());
      all.put(name, IntakeSettings.of(options));
    });
    return all;
  }

  /**
   * What one of several shards moves: its part of the tables beside the store; a table elsewhere is
   * moved by the first shard, whose own rows say what it moved last.
   */
  static Map<String, IntakeSettings> ofShard(
      Map<String, IntakeSettings> intakes, int shard, int shards) {
    Map<String, IntakeSettings> here = new HashMap<>();
    intakes.forEach((name, intake) -> {
      if (intake.besideTheStore()) {
        here.put(name, new IntakeSettings(intake.options(), shard, shards));
      } else if (shard == 0) {
        here.put(name, intake);
      }
    });
    return here;
  }

  private static void put(Map<String, String> options, String key, @Nullable String value) {
    if (value != null && !value.isBlank()) {
      options.put(key, value);
    }
  }
}
