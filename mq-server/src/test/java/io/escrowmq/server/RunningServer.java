package io.escrowmq.server;

import io.escrowmq.node.EscrowNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server in this process, on free ports, with the in-memory engine unless told otherwise. */
final class RunningServer implements AutoCloseable {

  private final ConfigurableApplicationContext context;
  private final HttpClient client = HttpClient.newHttpClient();
  private final JsonMapper json = new JsonMapper();

  private RunningServer(ConfigurableApplicationContext context) {
    this.context = context;
  }

  static RunningServer start(Path dataDir, String... more) {
    return new RunningServer(EscrowServer.application().run(arguments(dataDir, more)));
  }

  /** Free ports and the directory, then what the test wants; the last value of a key counts. */
  static String[] arguments(Path dataDir, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--escrowmq.data-dir=" + dataDir);
    if (Arrays.stream(more).noneMatch(m -> m.startsWith("--escrowmq.storage.type"))) {
      arguments.add("--escrowmq.storage.type=memory");
    }
    if (Arrays.stream(more).noneMatch(m -> m.startsWith("--escrowmq.remoting.port"))) {
      arguments.add("--escrowmq.remoting.port=0");
    }
    if (Arrays.stream(more).noneMatch(m -> m.startsWith("--server.port"))) {
      arguments.add("--server.port=0");
    }
    arguments.add("--escrowmq.remoting.name-server-port=0");
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  EscrowNode node() {
    return (EscrowNode) context.getBean(NodeLifecycle.class).require();
  }

  String url() {
    return "http://" + context.getBean(ServerAddresses.class).of(node()).get("http");
  }

  HttpResponse<String> request(String method, String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return request("GET", path, "");
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    return json.readTree(get(path).body());
  }

  @Override
  public void close() {
    context.close();
    client.close();
  }
}
