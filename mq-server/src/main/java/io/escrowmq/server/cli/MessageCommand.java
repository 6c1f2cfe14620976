package io.escrowmq.server.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code mq message ...}. */
@Command(name = "message", description = "Messages.", mixinStandardHelpOptions = true)
final class MessageCommand implements Runnable {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "What to do: get?");
  }

  @Command(
      name = "get",
      description = "Visible messages by key or id; exit code 3 if there is none.",
      mixinStandardHelpOptions = true)
  int get(
      @Mixin Connection connection,
      @Option(names = "--topic", paramLabel = "TOPIC") @Nullable String topic,
      @Option(names = "--key", paramLabel = "KEY", description = "A word of its KEYS property")
          @Nullable String key,
      @Option(names = "--id", paramLabel = "ID", description = "Unique id or offset message id")
          @Nullable String id,
      @Option(names = "--limit", paramLabel = "N", description = "Most messages wanted")
          @Nullable Integer limit) {
    Map<String, @Nullable String> query = new HashMap<>();
    query.put("topic", topic);
    query.put("key", key);
    query.put("id", id);
    query.put("limit", limit == null ? null : limit.toString());
    JsonNode answer = connection.get("/api/v1/messages", query);
    if (answer.path("messages").isEmpty()) {
      throw new CliException(
          ExitCode.NOT_FOUND,
          "no visible message has the key " + key,
          "It may be undecided, delayed, expired, or in another topic.");
    }
    if (connection.json) {
      connection.print(answer);
    } else {
      answer.path("messages").forEach(message -> print(message, connection.out()));
      if (!answer.path("complete").asBoolean()) {
        connection.out().println("There are more: raise --limit.");
      }
    }
    return ExitCode.OK;
  }

  private static void print(JsonNode message, PrintWriter out) {
    new Table(message.path("topic").asString(), "")
        .row("  queue", message.path("queue").asInt() + " offset " + message.path("offset"))
        .row("  id", message.path("uniqueId").asString())
        .row("  tags", message.path("tags").asString())
        .row("  keys", message.path("keys"))
        .row(
            "  born",
            message.path("bornAt").asString() + " on " + message.path("bornHost").asString())
        .row("  stored", message.path("storedAt").asString())
        .row("  properties", message.path("properties"))
        .row(
            "  body",
            message.path("bodyBytes") + " bytes, " + message.path("bodyEncoding").asString())
        .print(out);
    out.println(message.path("body").asString());
  }
}
