package io.escrowmq.server.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code mq tx-rules ...}. */
@Command(
    name = "tx-rules",
    description = "When and how often producers are asked about undecided transactions.",
    mixinStandardHelpOptions = true)
final class TransactionRulesCommand implements Runnable {

  private static final String PATH = "/api/v1/transactions/rules";

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "What to do: list, show, set, remove?");
  }

  /** What the rules are about. */
  static final class About {

    @Option(
        names = "--group",
        required = true,
        paramLabel = "GROUP",
        description = "Producer group")
    @Nullable String group;

    @Option(names = "--topic", required = true, paramLabel = "TOPIC")
    @Nullable String topic;

    String path() {
      return PATH
          + (group == null ? "/topics/" : "/groups/")
          + Connection.encode(String.valueOf(group == null ? topic : group));
    }
  }

  /** What is wanted; what is left out is as in the wider circle. */
  static final class Wanted {

    @Option(names = "--first", paramLabel = "TIME", description = "To the first question, like 10s")
    @Nullable String first;

    @Option(names = "--interval", paramLabel = "TIME", description = "To the second one")
    @Nullable String interval;

    @Option(
        names = "--backoff",
        paramLabel = "PERCENT",
        description = "Each further interval in percent of the one before, 100 to 1000")
    @Nullable Integer backoff;

    @Option(names = "--max-interval", paramLabel = "TIME", description = "No interval is longer")
    @Nullable String maxInterval;

    @Option(
        names = "--jitter",
        paramLabel = "PERCENT",
        description = "Each interval is longer or shorter by up to so much, 0 to 50")
    @Nullable Integer jitter;

    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "Questions that reach a producer before it is given up; 0: no limit")
    @Nullable Integer limit;

    @Option(names = "--max-age", paramLabel = "TIME", description = "Age at which it is given up")
    @Nullable String maxAge;

    @Option(
        names = "--on-give-up",
        paramLabel = "park|rollback",
        description = "rollback is UNSAFE and for groups only: it can lose a committed message")
    @Nullable String onGiveUp;

    Map<String, Object> rules() {
      Map<String, @Nullable Object> rules = new LinkedHashMap<>();
      rules.put("first", first);
      rules.put("interval", interval);
      rules.put("backoffPercent", backoff);
      rules.put("maxInterval", maxInterval);
      rules.put("jitterPercent", jitter);
      rules.put("limit", limit);
      rules.put("maxAge", maxAge);
      rules.put("onGiveUp", onGiveUp);
      Map<String, Object> present = new LinkedHashMap<>();
      rules.forEach((name, value) -> {
        if (value != null) {
          present.put(name, value);
        }
      });
      return present;
    }
  }

  @Command(
      name = "list",
      description = "The cluster's rules, and the groups and topics that want something else.",
      mixinStandardHelpOptions = true)
  int list(@Mixin Connection connection) {
    JsonNode answer = connection.get(PATH, Map.of());
    if (connection.json) {
      connection.print(answer);
      return ExitCode.OK;
    }
    Table table = new Table("OF", "NAME", "RULES");
    table.row("cluster", "", text(answer.path("cluster")));
    for (JsonNode it : answer.path("entries")) {
      table.row(it.path("scope").asString(), it.path("name").asString(), text(it.path("rules")));
    }
    table.print(connection.out());
    return ExitCode.OK;
  }

  @Command(
      name = "show",
      description = "What counts for a group's messages on a topic.",
      mixinStandardHelpOptions = true)
  int show(
      @Mixin Connection connection,
      @Option(names = "--group", paramLabel = "GROUP") @Nullable String group,
      @Option(names = "--topic", paramLabel = "TOPIC") @Nullable String topic) {
    Map<String, @Nullable String> query = new LinkedHashMap<>();
    query.put("group", group);
    query.put("topic", topic);
    return said(connection, connection.get(PATH + "/effective", query));
  }

  @Command(
      name = "set",
      description = "Sets the rules of a group or topic, in place of those it had.",
      mixinStandardHelpOptions = true)
  int set(
      @Mixin Connection connection,
      @ArgGroup(multiplicity = "1") About about,
      @Mixin Wanted wanted,
      @Mixin Operator operator) {
    Map<String, Object> rules = wanted.rules();
    operator.name().ifPresent(name -> rules.put("operator", name));
    return said(connection, connection.send("PUT", about.path(), rules));
  }

  @Command(
      name = "remove",
      description = "Removes the rules of a group or topic.",
      mixinStandardHelpOptions = true)
  int remove(
      @Mixin Connection connection,
      @ArgGroup(multiplicity = "1") About about,
      @Mixin Operator operator) {
    String query = operator.name().map(name -> "?operator=" + Connection.encode(name)).orElse("");
    return said(connection, connection.send("DELETE", about.path() + query, null));
  }

  private static int said(Connection connection, JsonNode rules) {
    if (connection.json) {
      connection.print(rules);
    } else {
      connection.out().println(text(rules));
    }
    return ExitCode.OK;
  }

  private static String text(JsonNode rules) {
    StringBuilder text = new StringBuilder();
    rules
        .properties()
        .forEach(field ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(field.getKey())
                .append(' ')
                .append(field.getValue().asString()));
    return text.toString();
  }
}
