package io.escrowmq.server.checks;

import io.escrowmq.node.NodeStartException;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.storage.jdbc.journal.JournalCheck;
import io.escrowmq.tx.ExternalCheck;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The operator's file that says which producer groups have a check outside: lines {@code
 * group.http.name=value} or {@code group.sql.name=value}. The only place that addresses come from.
 */
public final class ChecksFile {

  private static final Set<String> HTTP = Set.of("url", "secret-file", "timeout");
  private static final Set<String> SQL =
      Set.of("url", "username", "password-file", "table", "key-column", "state-column", "key");
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration MAX_TIMEOUT = Duration.ofSeconds(4);
  private static final int SHORTEST_SECRET = 16;

  private final Path file;
  private final Map<String, Map<String, String>> http = new TreeMap<>();
  private final Map<String, Map<String, String>> sql = new TreeMap<>();

  private ChecksFile(Path file) {
    this.file = file;
  }

  /**
   * Reads the file.
   *
   * @throws NodeStartException if it cannot be read or says something unknown
   */
  public static ChecksFile read(Path file) {
    ChecksFile checks = new ChecksFile(file);
    Properties lines = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      lines.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw checks.refusal(
          "it cannot be read: " + e,
          "Name a text file of lines like" + " billing.http.url=https://billing/escrow-check.");
    }
    lines.stringPropertyNames().stream()
        .sorted()
        .forEach(key -> checks.add(key, lines.getProperty(key).strip()));
    // Opened and closed once now: what is wrong in it is an error of the start.
    checks.open(TimeSource.system()).values().forEach(ExternalCheck::close);
    return checks;
  }

  /** The checks by producer group; whoever opens them closes them. */
  public Map<String, ExternalCheck> open(TimeSource time) {
    Map<String, ExternalCheck> checks = new HashMap<>();
    http.forEach((group, values) -> checks.put(group, http(group, values, time)));
    sql.forEach((group, values) -> checks.put(group, sql(group, values)));
    return checks;
  }

  private void add(String key, String value) {
    String[] parts = key.split("\\.", 3);
    String way = parts.length == 3 ? parts[1] : "";
    boolean known =
        switch (way) {
          case "http" -> HTTP.contains(parts[2]);
          case "sql" -> SQL.contains(parts[2]);
          default -> false;
        };
    if (!known) {
      throw refusal(
          "there is no '" + key + "'",
          "Lines are GROUP.http." + HTTP + " or GROUP.sql." + SQL + ".");
    }
    (way.equals("http") ? http : sql)
        .computeIfAbsent(parts[0], _ -> new TreeMap<>())
        .put(parts[2], value);
    if (http.containsKey(parts[0]) && sql.containsKey(parts[0])) {
      throw refusal("group " + parts[0] + " has two checks", "Keep one of them.");
    }
  }

  private ExternalCheck http(String group, Map<String, String> values, TimeSource time) {
    URI address;
    Duration timeout;
    try {
      address = URI.create(required(group + ".http", values, "url"));
      timeout =
          values.containsKey("timeout")
              ? Duration.ofMillis(Long.parseLong(values.get("timeout")))
              : DEFAULT_TIMEOUT;
    } catch (IllegalArgumentException e) {
      throw refusal(group + ".http: " + e.getMessage(), "timeout is in milliseconds.");
    }
    boolean web = "https".equals(address.getScheme()) || "http".equals(address.getScheme());
    if (!web || address.getHost() == null || address.getUserInfo() != null) {
      throw refusal(
          group + ".http.url is no plain web address: " + address.getScheme() + "://...",
          "Give http:// or https://, a host, and no user: the request is signed instead.");
    }
    if (!timeout.isPositive() || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw refusal(
          group + ".http.timeout is " + timeout.toMillis(),
          "Give 1 to " + MAX_TIMEOUT.toMillis() + " milliseconds.");
    }
    byte[] secret =
        firstLine(required(group + ".http", values, "secret-file"))
            .getBytes(StandardCharsets.UTF_8);
    if (secret.length < SHORTEST_SECRET) {
      throw refusal(
          "the secret of " + group + ".http is short enough to be guessed",
          "Give at least " + SHORTEST_SECRET + " characters.");
    }
    return new HttpCheck(address, secret, timeout, time);
  }

  private ExternalCheck sql(String group, Map<String, String> values) {
    String url = required(group + ".sql", values, "url");
    String key = values.getOrDefault("key", "message");
    if (!key.equals("message") && !key.equals("handle")) {
      throw refusal(group + ".sql.key is " + key, "It is message or handle.");
    }
    @Nullable String passwordFile = values.get("password-file");
    try {
      JournalCheck.Place place =
          new JournalCheck.Place(
              url,
              values.get("username"),
              passwordFile == null ? null : firstLine(passwordFile),
              values.getOrDefault("table", "escrow_tx"),
              values.getOrDefault("key-column", "tx_id"),
              values.getOrDefault("state-column", "state"));
      return new SqlCheck(new JournalCheck(place), withoutParameters(url), key.equals("handle"));
    } catch (IllegalArgumentException e) {
      throw refusal(group + ".sql: " + e.getMessage(), "Names are letters, digits and _.");
    }
  }

  /** Parameters may hold a password. */
  private static String withoutParameters(String url) {
    return url.split("[?;]", 2)[0];
  }

  private String required(String where, Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null || value.isEmpty()) {
      throw refusal(where + " has no " + name, "Add the line " + where + "." + name + "=...");
    }
    return value;
  }

  private String firstLine(String name) {
    Path path = Path.of(name);
    try {
      return Files.readString(path).lines().findFirst().orElse("").strip();
    } catch (IOException e) {
      throw refusal(path + " cannot be read: " + e, "Name a file that the server may read.");
    }
  }

  private NodeStartException refusal(String why, String remedy) {
    return new NodeStartException(
        "The checks of transactions are not set up",
        "escrowmq.transactions.checks-file=" + file,
        why,
        remedy,
        null);
  }
}
