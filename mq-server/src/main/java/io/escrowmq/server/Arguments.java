package io.escrowmq.server;

import io.escrowmq.node.NodeStartException;
import io.escrowmq.server.settings.SettingsCatalog;
import java.util.List;

/** Refuses arguments of the process that nothing would read. */
final class Arguments {

  private static final List<String> READ_BY_SOMEBODY =
      List.of("escrowmq.", "server.", "spring.", "logging.", "management.", "debug", "trace");

  private Arguments() {}

  static void check(String... args) {
    for (String arg : args) {
      if (!arg.startsWith("--")) {
        throw new NodeStartException(
            "Unknown argument '" + arg + "'",
            "command line",
            "settings are given as --key=value",
            "Write for example --escrowmq.data-dir=./data; commands of a running server begin with 'cli'.",
            null);
      }
      String name = arg.substring(2).split("=", 2)[0];
      if (READ_BY_SOMEBODY.stream().noneMatch(name::startsWith)) {
        throw new NodeStartException(
            "Unknown setting '" + name + "'",
            "command line",
            "no setting has this name",
            SettingsCatalog.instance()
                .nearest("escrowmq." + name)
                .map(known -> "Did you mean '--" + known + "'?")
                .orElse("Remove it; docs/operating/settings.md lists every setting."),
            null);
      }
    }
  }
}
