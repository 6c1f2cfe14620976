package io.escrowmq.server.cli;

import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code mq group ...}. */
@Command(name = "group", description = "Consumer groups.", mixinStandardHelpOptions = true)
final class GroupCommand implements Runnable {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "What to do: list, describe?");
  }

  @Command(name = "list", description = "All groups.", mixinStandardHelpOptions = true)
  int list(@Mixin Connection connection) {
    JsonNode answer = connection.get("/api/v1/groups", Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    Table table = new Table("GROUP", "MEMBERS", "LAG");
    for (JsonNode group : answer.path("groups")) {
      table.row(
          group.path("name").asString(),
          group.path("members").size(),
          group.path("lag").isNumber() ? group.path("lag").asLong() : "-");
    }
    table.print(connection.out());
    return ExitCode.OK;
  }

  @Command(
      name = "describe",
      description = "A group, its members, and where it is in each queue.",
      mixinStandardHelpOptions = true)
  int describe(@Mixin Connection connection, @Parameters(paramLabel = "GROUP") String group) {
    JsonNode answer = connection.get("/api/v1/groups/" + Connection.encode(group), Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    connection
        .out()
        .printf(
            Locale.ROOT,
            "%s: %d members, %d messages behind%n",
            group,
            answer.path("members").size(),
            answer.path("lag").asLong());
    answer.path("members").forEach(member -> connection.out().println("  " + member.asString()));
    Table table = new Table("TOPIC", "QUEUE", "OFFSET", "MAX OFFSET", "LAG");
    for (JsonNode queue : answer.path("queues")) {
      table.row(
          queue.path("topic").asString(),
          queue.path("queue").asInt(),
          queue.path("committed").asLong(),
          queue.path("maxOffset").asLong(),
          queue.path("lag").asLong());
    }
    table.print(connection.out());
    return ExitCode.OK;
  }
}
