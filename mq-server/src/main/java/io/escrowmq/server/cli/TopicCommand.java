package io.escrowmq.server.cli;

import java.io.Console;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code mq topic ...}. */
@Command(name = "topic", description = "Topics.", mixinStandardHelpOptions = true)
final class TopicCommand implements Runnable {

  private static final String PATH = "/api/v1/topics";

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "What to do: list, create, describe, delete?");
  }

  @Command(name = "list", description = "All topics.", mixinStandardHelpOptions = true)
  int list(@Mixin Connection connection) {
    JsonNode answer = connection.get(PATH, Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    Table table = new Table("TOPIC", "READ QUEUES", "WRITE QUEUES", "PERMISSION");
    for (JsonNode topic : answer.path("topics")) {
      table.row(
          topic.path("name").asString(),
          topic.path("readQueues").asInt(),
          topic.path("writeQueues").asInt(),
          permission(topic));
    }
    table.print(connection.out());
    return ExitCode.OK;
  }

  @Command(
      name = "create",
      description = "Creates a topic; exit code 4 if it exists.",
      mixinStandardHelpOptions = true)
  int create(
      @Mixin Connection connection,
      @Parameters(paramLabel = "TOPIC") String topic,
      @Option(names = "--queues", paramLabel = "N", description = "Number of queues")
          @Nullable Integer queues) {
    Map<String, Object> wish = new LinkedHashMap<>();
    wish.put("name", topic);
    if (queues != null) {
      wish.put("queues", queues);
    }
    JsonNode answer = connection.send("POST", PATH, wish);
    if (connection.json) {
      connection.print(answer);
    } else {
      connection
          .out()
          .printf(
              Locale.ROOT,
              "created %s with %d queues%n",
              topic,
              answer.path("writeQueues").asInt());
    }
    return ExitCode.OK;
  }

  @Command(
      name = "describe",
      description = "A topic and its queues.",
      mixinStandardHelpOptions = true)
  int describe(@Mixin Connection connection, @Parameters(paramLabel = "TOPIC") String topic) {
    JsonNode answer = connection.get(PATH + "/" + Connection.encode(topic), Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    connection
        .out()
        .printf(
            Locale.ROOT,
            "%s: %s, %d messages%n",
            topic,
            permission(answer.path("topic")),
            answer.path("messages").asLong());
    Table table = new Table("QUEUE", "MIN OFFSET", "MAX OFFSET", "MESSAGES");
    for (JsonNode queue : answer.path("queues")) {
      table.row(
          queue.path("queue").asInt(),
          queue.path("minOffset").asLong(),
          queue.path("maxOffset").asLong(),
          queue.path("messages").asLong());
    }
    table.print(connection.out());
    return ExitCode.OK;
  }

  @Command(
      name = "delete",
      description = "Deletes a topic and its messages.",
      mixinStandardHelpOptions = true)
  int delete(
      @Mixin Connection connection,
      @Parameters(paramLabel = "TOPIC") String topic,
      @Option(names = "--yes", description = "Do not ask") boolean yes) {
    String path = PATH + "/" + Connection.encode(topic);
    JsonNode before = connection.get(path, Map.of());
    long messages = before.path("messages").asLong();
    if (!yes && !confirmed("delete " + topic + " and its " + messages + " messages?")) {
      throw new CliException(
          ExitCode.FAILED, topic + " was not deleted", "Confirm, or pass --yes.");
    }
    connection.send("DELETE", path, null);
    if (!connection.json) {
      connection.out().printf(Locale.ROOT, "deleted %s (%d messages)%n", topic, messages);
    }
    return ExitCode.OK;
  }

  @SuppressWarnings("SystemConsoleNull") // its signature allows null
  private static boolean confirmed(String question) {
    Console console = System.console();
    return console != null
        && console.isTerminal()
        && "yes".equalsIgnoreCase(console.readLine("%s [yes/no] ", question));
  }

  private static String permission(JsonNode topic) {
    return (topic.path("readable").asBoolean() ? "r" : "-")
        + (topic.path("writable").asBoolean() ? "w" : "-");
  }
}
