package io.escrowmq.server.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code mq tx ...}. */
@Command(
    name = "tx",
    description = "Transactions: what is open, who decided what, decisions by hand.",
    mixinStandardHelpOptions = true)
final class TransactionCommand implements Runnable {

  private static final String PATH = "/api/v1/transactions";
  private static final int MAX_PAGE = 1000;
  private static final JsonMapper JSON = new JsonMapper();

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "What to do: list, show, commit, rollback, rearm, withdraw, proposals, conflicts, export?");
  }

  /** What a decision by hand is made with. */
  static final class ByHand {

    @Option(
        names = "--reason",
        required = true,
        paramLabel = "TEXT",
        description = "Why; becomes part of the audit record")
    String reason = "";

    @Mixin Operator operator = new Operator();

    Map<String, Object> wish() {
      Map<String, Object> wish = new LinkedHashMap<>();
      wish.put("reason", reason);
      operator.name().ifPresent(name -> wish.put("operator", name));
      return wish;
    }
  }

  /** Which transactions are wanted. */
  static final class Wanted {

    @Option(
        names = "--state",
        paramLabel = "STATES",
        description = "held, parked, committed, rolled-back; several with commas")
    @Nullable String state;

    @Option(names = "--group", paramLabel = "GROUP", description = "Producer group")
    @Nullable String group;

    @Option(names = "--topic", paramLabel = "TOPIC")
    @Nullable String topic;

    @Option(
        names = "--key",
        paramLabel = "KEY",
        description = "Unique key of the message; decided ones are listed too")
    @Nullable String key;

    @Option(names = "--min-age", paramLabel = "TIME", description = "At least so old, like 5m")
    @Nullable String minAge;

    Map<String, @Nullable String> query() {
      Map<String, @Nullable String> query = new HashMap<>();
      query.put("state", state);
      query.put("group", group);
      query.put("topic", topic);
      query.put("key", key);
      query.put("minAge", minAge);
      return query;
    }
  }

  @Command(
      name = "list",
      description = "Transactions: the undecided ones, or as the options say.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin Connection connection,
      @Mixin Wanted wanted,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "100",
              description = "Most transactions wanted (${DEFAULT-VALUE})")
          int limit) {
    Map<String, @Nullable String> query = wanted.query();
    ObjectNode answer = all(connection, PATH, query, "transactions", limit);
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    Table table = new Table("HANDLE", "STATE", "SINCE", "ASKED", "GROUP", "TOPIC", "KEY");
    for (JsonNode it : answer.path("transactions")) {
      table.row(
          it.path("handle").asString(),
          it.path("state").asString().toLowerCase(Locale.ROOT),
          it.path("heldAt").asString("-"),
          it.path("attempts").asInt(0),
          it.path("producerGroup").asString(),
          it.path("topic").asString(),
          it.path("key").asString());
    }
    table.print(connection.out());
    more(connection, answer);
    return ExitCode.OK;
  }

  @Command(
      name = "show",
      description = "A transaction and what happened to it.",
      mixinStandardHelpOptions = true)
  int show(@Mixin Connection connection, @Parameters(paramLabel = "HANDLE") String handle) {
    JsonNode answer = connection.get(path(handle, ""), Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    Table table = new Table(handle, "");
    answer
        .path("transaction")
        .properties()
        .forEach(field -> {
          if (field.getValue().isObject()) {
            field
                .getValue()
                .properties()
                .forEach(inner ->
                    table.row(
                        "  " + field.getKey() + " " + inner.getKey(), plain(inner.getValue())));
          } else {
            table.row("  " + field.getKey(), plain(field.getValue()));
          }
        });
    answer
        .path("proposal")
        .properties()
        .forEach(field -> table.row("  proposal " + field.getKey(), plain(field.getValue())));
    table.print(connection.out());
    events(connection, answer);
    return ExitCode.OK;
  }

  @Command(
      name = "commit",
      description = "Makes the message of an undecided transaction visible.",
      mixinStandardHelpOptions = true)
  int commit(
      @Mixin Connection connection,
      @Mixin ByHand hand,
      @Parameters(paramLabel = "HANDLE") String handle) {
    return decide(connection, hand, handle, "commit");
  }

  @Command(
      name = "rollback",
      description = "Drops the message of an undecided transaction.",
      mixinStandardHelpOptions = true)
  int rollback(
      @Mixin Connection connection,
      @Mixin ByHand hand,
      @Parameters(paramLabel = "HANDLE") String handle) {
    return decide(connection, hand, handle, "rollback");
  }

  @Command(
      name = "rearm",
      description = "Lets producers be asked again about a parked transaction.",
      mixinStandardHelpOptions = true)
  int rearm(
      @Mixin Connection connection,
      @Mixin ByHand hand,
      @Parameters(paramLabel = "HANDLE") String handle) {
    JsonNode answer = connection.send("POST", path(handle, "/rearm"), hand.wish());
    return said(connection, answer, "producers are asked about " + handle + " again");
  }

  @Command(
      name = "withdraw",
      description = "Takes back what was proposed about a transaction.",
      mixinStandardHelpOptions = true)
  int withdraw(
      @Mixin Connection connection,
      @Mixin ByHand hand,
      @Parameters(paramLabel = "HANDLE") String handle) {
    JsonNode answer = connection.send("POST", path(handle, "/withdraw"), hand.wish());
    return said(connection, answer, "nothing is proposed about " + handle + " any more");
  }

  @Command(
      name = "proposals",
      description = "Decisions that wait for a second operator.",
      mixinStandardHelpOptions = true)
  int proposals(@Mixin Connection connection) {
    JsonNode answer = connection.get(PATH + "/proposals", Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    Table table = new Table("HANDLE", "DECISION", "BY", "UNTIL", "REASON");
    for (JsonNode it : answer.path("proposals")) {
      table.row(
          it.path("handle").asString(),
          it.path("decision").asString().toLowerCase(Locale.ROOT),
          it.path("operator").asString(),
          it.path("until").asString(),
          it.path("reason").asString());
    }
    table.print(connection.out());
    return ExitCode.OK;
  }

  @Command(
      name = "conflicts",
      description = "Requests for the other decision than the recorded one, newest first.",
      mixinStandardHelpOptions = true)
  int conflicts(
      @Mixin Connection connection,
      @Option(names = "--from", paramLabel = "TIME", description = "Like 2026-11-23T00:00:00Z")
          @Nullable String from,
      @Option(names = "--to", paramLabel = "TIME", description = "Exclusive") @Nullable String to,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "100",
              description = "Most conflicts wanted (${DEFAULT-VALUE})")
          int limit) {
    Map<String, @Nullable String> query = new HashMap<>();
    query.put("from", from);
    query.put("to", to);
    ObjectNode answer = all(connection, PATH + "/conflicts", query, "events", limit);
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    events(connection, answer);
    more(connection, answer);
    return ExitCode.OK;
  }

  @Command(
      name = "export",
      description = "Every decision of a day or a stretch of time, as CSV or JSON.",
      mixinStandardHelpOptions = true)
  int export(
      @Mixin Connection connection,
      @Option(names = "--day", paramLabel = "DATE", description = "Like 2026-11-23")
          @Nullable String day,
      @Option(
              names = "--zone",
              paramLabel = "ZONE",
              description = "Time zone of the day, like Europe/Berlin (default: UTC)")
          @Nullable String zone,
      @Option(names = "--from", paramLabel = "TIME", description = "Like 2026-11-23T00:00:00Z")
          @Nullable String from,
      @Option(names = "--to", paramLabel = "TIME", description = "Exclusive (default: now)")
          @Nullable String to,
      @Option(
              names = "--output",
              paramLabel = "FILE",
              description = "Where to write (default: standard output)")
          @Nullable Path output)
      throws IOException {
    Map<String, @Nullable String> query = new HashMap<>();
    query.put("day", day);
    query.put("zone", zone);
    query.put("from", from);
    query.put("to", to);
    query.put("format", connection.json ? "json" : "csv");
    if (output == null) {
      connection.download(PATH + "/export", query, new PrintedBytes(connection.out()));
      return ExitCode.OK;
    }
    Path part = output.resolveSibling(output.getFileName() + ".part");
    try (OutputStream file = Files.newOutputStream(part)) {
      connection.download(PATH + "/export", query, file);
    } catch (CliException e) {
      Files.deleteIfExists(part);
      throw e;
    }
    // Only a whole export gets its name.
    Files.move(part, output, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    return ExitCode.OK;
  }

  private static int decide(Connection connection, ByHand hand, String handle, String decision) {
    Map<String, Object> wish = hand.wish();
    wish.put("decision", decision);
    JsonNode answer = connection.send("POST", path(handle, "/decision"), wish);
    String text =
        switch (answer.path("outcome").asString()) {
          case "proposed" ->
              decision
                  + " of "
                  + handle
                  + " is proposed: another operator has to ask for the same before "
                  + answer.path("proposal").path("until").asString();
          case "repeated" -> handle + " had this decision already: " + decision;
          default -> handle + " is decided: " + decision;
        };
    return said(connection, answer, text);
  }

  private static int said(Connection connection, JsonNode answer, String text) {
    if (connection.json) {
      connection.print(answer);
    } else {
      connection.out().println(text);
    }
    return ExitCode.OK;
  }

  /** Follows the pages until there are enough: a page may be short and not the last. */
  private static ObjectNode all(
      Connection connection,
      String path,
      Map<String, @Nullable String> query,
      String list,
      int limit) {
    ArrayNode found = JSON.createArrayNode();
    ObjectNode answer;
    do {
      query.put("limit", Integer.toString(Math.clamp(limit - found.size(), 1, MAX_PAGE)));
      answer = (ObjectNode) connection.get(path, query);
      answer.path(list).forEach(found::add);
      query.put("cursor", answer.path("nextCursor").asString(""));
    } while (found.size() < limit && !answer.path("complete").asBoolean());
    answer.set(list, found);
    return answer;
  }

  private static void events(Connection connection, JsonNode answer) {
    Table table = new Table("AT", "EVENT", "WHAT", "BY", "WHO", "HANDLE", "REASON");
    for (JsonNode it : answer.path("events")) {
      String requested = it.path("requested").asString("");
      table.row(
          it.path("at").asString(),
          it.path("event").asString(),
          requested.isEmpty()
              ? it.path("decision").asString("")
              : requested + " (is " + it.path("recorded").asString("open") + ")",
          it.path("by").asString(),
          it.path("identity").asString(),
          it.path("handle").asString(),
          it.path("reason").asString());
    }
    table.print(connection.out());
  }

  private static void more(Connection connection, JsonNode answer) {
    if (!answer.path("complete").asBoolean()) {
      connection.out().println("There are more: raise --limit.");
    }
  }

  private static String plain(JsonNode value) {
    return value.isString() ? value.asString() : value.toString();
  }

  private static String path(String handle, String what) {
    return PATH + "/" + Connection.encode(handle) + what;
  }
}
