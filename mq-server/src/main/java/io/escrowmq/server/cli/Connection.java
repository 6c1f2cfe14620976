package io.escrowmq.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The options every command has, and the requests they lead to. */
final class Connection {

  private static final String DEFAULT_SERVER = "http://127.0.0.1:8080";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final JsonMapper JSON = new JsonMapper();

  @Option(
      names = "--server",
      paramLabel = "URL",
      description =
          "The server's REST API; default: what <data>/endpoints.json says, else " + DEFAULT_SERVER)
  @Nullable String server;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "./data",
      description = "Data directory of a server on this machine (${DEFAULT-VALUE})")
  Path data = Path.of("./data");

  @Option(names = "--json", description = "Print JSON, for scripts")
  boolean json;

  @Option(
      names = "--broker",
      paramLabel = "NAME",
      description = "Where servers share a store: the broker that is meant")
  @Nullable String broker;

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Spec(Target.MIXEE)
  CommandSpec command;

  PrintWriter out() {
    return command.commandLine().getOut();
  }

  JsonNode get(String path, Map<String, @Nullable String> query) {
    return send("GET", path + text(query), null);
  }

  private static String text(Map<String, @Nullable String> query) {
    String text =
        query.entrySet().stream()
            .filter(entry -> entry.getValue() != null && !entry.getValue().isEmpty())
            .map(entry -> entry.getKey() + "=" + encode(String.valueOf(entry.getValue())))
            .collect(Collectors.joining("&"));
    return text.isEmpty() ? "" : "?" + text;
  }

  /**
   * Copies an answer that may be long.
   *
   * @throws CliException also if the answer ends too early
   */
  void download(String path, Map<String, @Nullable String> query, OutputStream target) {
    HttpRequest.Builder request = request(path + text(query)).GET();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<InputStream> response =
          client.send(request.build(), BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() / 100 != 2) {
          judged(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
        copy(body, target);
      }
    } catch (IOException e) {
      throw noAnswer(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", "");
    }
  }

  /**
   * Sends a request.
   *
   * @return the answer, a missing node if it has no content
   * @throws CliException with the exit code for what the server or the network says
   */
  JsonNode send(String method, String path, @Nullable Object body) {
    BodyPublisher publisher =
        body == null
            ? BodyPublishers.noBody()
            : BodyPublishers.ofString(JSON.writeValueAsString(body));
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, application/problem+json")
            .method(method, publisher);
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      return judged(response.statusCode(), response.body());
    } catch (IOException e) {
      throw noAnswer(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", "");
    }
  }

  private static void copy(InputStream body, OutputStream target) {
    try {
      body.transferTo(target);
      target.flush();
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED,
          "the answer was not received and written to its end (" + e + ")",
          "What there is of it is not the whole: ask again.");
    }
  }

  private HttpRequest.Builder request(String path) {
    String named =
        broker == null ? "" : (path.contains("?") ? "&" : "?") + "broker=" + encode(broker);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base() + path + named)).timeout(PATIENCE);
    authorization().ifPresent(user -> request.header("Authorization", user));
    return request;
  }

  private CliException noAnswer(IOException e) {
    return new CliException(
        ExitCode.NO_CONNECTION,
        "no server answers at " + base() + " (" + e + ")",
        "Start one with './mq server', or name another with --server URL.");
  }

  /** Who asks; from the environment, because others on this machine see command lines. */
  private static Optional<String> authorization() {
    String user = System.getenv("MQ_USER");
    String secret = System.getenv("MQ_SECRET");
    if (user == null || secret == null) {
      return Optional.empty();
    }
    byte[] pair = (user + ":" + secret).getBytes(StandardCharsets.UTF_8);
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
  }

  /** Path segment or query value, encoded. */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Prints the whole answer as JSON. */
  void print(JsonNode answer) {
    out().println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(answer));
  }

  String base() {
    if (server != null) {
      return server.endsWith("/") ? server.substring(0, server.length() - 1) : server;
    }
    Path endpoints = data.resolve("endpoints.json");
    if (Files.isReadable(endpoints)) {
      try {
        String http = JSON.readTree(Files.readString(endpoints)).path("http").asString("");
        if (!http.isEmpty()) {
          return "http://" + http.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:");
        }
      } catch (IOException | JacksonException e) {
        command.commandLine().getErr().println("mq: " + endpoints + " is unreadable: " + e);
      }
    }
    return DEFAULT_SERVER;
  }

  private static JsonNode judged(int status, String body) {
    boolean ok = status / 100 == 2;
    JsonNode content;
    try {
      content = JSON.readTree(body);
    } catch (JacksonException e) {
      throw new CliException(
          ExitCode.FAILED,
          "the answer (HTTP " + status + ") is not JSON",
          "Is --server the address of an EscrowMQ server?");
    }
    if (!ok) {
      throw new CliException(
          ExitCode.ofHttpStatus(status),
          content.path("detail").asString("HTTP " + status),
          content.path("hint").asString(""));
    }
    return content;
  }
}
