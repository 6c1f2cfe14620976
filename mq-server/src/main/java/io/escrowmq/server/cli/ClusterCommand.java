package io.escrowmq.server.cli;

import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code mq cluster ...}. */
@Command(name = "cluster", description = "The server.", mixinStandardHelpOptions = true)
final class ClusterCommand implements Runnable {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "What to do: info?");
  }

  @Command(
      name = "info",
      description = "Who the server is, where it listens, how it is.",
      mixinStandardHelpOptions = true)
  int info(@Mixin Connection connection) {
    JsonNode answer = connection.get("/api/v1/cluster", Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    Table table = new Table("cluster", answer.path("cluster").asString());
    table.row("broker", answer.path("broker").asString());
    table.row("advertised", answer.path("advertised").asString());
    table.row("version", answer.path("version").asString());
    table.row("storage", answer.path("storage").asString());
    table.row("durability", answer.path("durability").asString().toLowerCase(Locale.ROOT));
    StringJoiner survives = new StringJoiner(", ").setEmptyValue("nothing");
    answer.path("survives").forEach(mishap -> survives.add(words(mishap.asString())));
    table.row("survives", survives.toString());
    boolean canSend = answer.path("health").path("canSend").asBoolean();
    table.row(
        "health", canSend ? "UP" : "DOWN: " + answer.path("health").path("reason").asString());
    for (JsonNode server : answer.path("servers")) {
      table.row(
          "server " + server.path("name").asString(),
          "name server " + server.path("nameServer").asString());
    }
    for (JsonNode broker : answer.path("brokers")) {
      table.row(
          "broker " + broker.path("name").asString(),
          broker.path("served").asBoolean()
              ? broker.path("address").asString() + " on " + broker.path("server").asString()
              : "nobody serves it now");
    }
    answer.path("endpoints").forEachEntry((role, address) -> table.row(role, address.asString()));
    answer.path("statistics").forEachEntry((name, value) -> table.row(name, value.asLong()));
    table.print(connection.out());
    return ExitCode.OK;
  }

  private static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
