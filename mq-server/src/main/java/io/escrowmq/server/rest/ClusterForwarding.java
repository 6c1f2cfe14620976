package io.escrowmq.server.rest;

import io.escrowmq.node.EscrowCluster;
import io.escrowmq.server.NodeLifecycle;
import io.escrowmq.spi.storage.ServerRegister.ServerState;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where servers share a store, any server answers for any broker: a request with the parameter
 * {@code broker} goes to the server that has it; a topic is created, changed or deleted on all
 * brokers, unless one is named.
 */
@Component
final class ClusterForwarding extends OncePerRequestFilter {

  private static final String TOPICS = "/api/v1/topics";
  private static final String EXPORT = "/api/v1/transactions/export";
  private static final List<String> OF_BROKERS =
      List.of(
          TOPICS, "/api/v1/groups", "/api/v1/messages", "/api/v1/transactions", "/api/v1/checks");
  private static final Set<String> CHANGES = Set.of("POST", "PUT", "DELETE");
  private static final JsonMapper JSON = new JsonMapper();

  private final NodeLifecycle lifecycle;
  private final PeerConnection peers;

  ClusterForwarding(NodeLifecycle lifecycle, PeerConnection peers) {
    this.lifecycle = lifecycle;
    this.peers = peers;
  }

  /** What a broker answered. */
  private record Answer(int status, String type, String body) {
    boolean ok() {
      return status / 100 == 2;
    }
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean ofBroker = OF_BROKERS.stream().anyMatch(request.getRequestURI()::startsWith);
    if (!ofBroker || !(lifecycle.runningNow() instanceof EscrowCluster cluster)) {
      chain.doFilter(request, response);
      return;
    }
    String broker = request.getParameter(Doors.BROKER);
    if (broker != null) {
      one(cluster, broker, request, response, chain);
    } else if (request.getRequestURI().equals(TOPICS) && request.getMethod().equals("GET")) {
      chain.doFilter(request, response); // the union of all brokers
    } else if (request.getRequestURI().startsWith(TOPICS)
        && CHANGES.contains(request.getMethod())) {
      everywhere(cluster, request, response);
    } else {
      write(
          response,
          problem(
              HttpStatus.BAD_REQUEST,
              "BROKER_NEEDED",
              "Several servers share this store, and each broker answers for itself",
              "Name one with ?broker= (command line: --broker): " + cluster.brokers() + "."));
    }
  }

  private void one(
      EscrowCluster cluster,
      String broker,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws ServletException, IOException {
    if (cluster.brokerHere(broker).isPresent()) {
      chain.doFilter(request, response);
    } else if (request.getRequestURI().equals(EXPORT)) {
      pass(cluster, broker, request, response);
    } else {
      write(response, ask(cluster, broker, request, request.getInputStream().readAllBytes()));
    }
  }

  /** Hands on an answer of any length as it comes; what breaks off there breaks off here. */
  private void pass(
      EscrowCluster cluster,
      String broker,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Optional<ServerState> server = cluster.serverOf(broker);
    if (server.isEmpty() || server.get().http().isEmpty()) {
      write(response, ask(cluster, broker, request, new byte[0]));
      return;
    }
    HttpResponse<InputStream> answer;
    try {
      answer =
          peers
              .http()
              .send(
                  forwarded(server.get(), broker, request, new byte[0]),
                  BodyHandlers.ofInputStream());
    } catch (IOException e) {
      write(response, absent(server.get(), e));
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    response.setStatus(answer.statusCode());
    for (String header : List.of(HttpHeaders.CONTENT_TYPE, TransactionExport.TRAIL_COMPLETE)) {
      answer.headers().firstValue(header).ifPresent(value -> response.setHeader(header, value));
    }
    try (InputStream body = answer.body()) {
      body.transferTo(response.getOutputStream());
    }
  }

  private void everywhere(
      EscrowCluster cluster, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] body = request.getInputStream().readAllBytes();
    List<Answer> answers = new ArrayList<>();
    for (String broker : cluster.brokers()) {
      answers.add(ask(cluster, broker, request, body));
    }
    // A failure is worth more attention than a success, and that more than "exists already".
    Optional<Answer> failed = answers.stream().filter(answer -> answer.status() >= 500).findFirst();
    Optional<Answer> done = answers.stream().filter(Answer::ok).findFirst();
    write(response, failed.or(() -> done).orElse(answers.getFirst()));
  }

  private Answer ask(EscrowCluster cluster, String broker, HttpServletRequest request, byte[] body)
      throws IOException {
    if (!cluster.brokers().contains(broker)) {
      return problem(
          HttpStatus.NOT_FOUND,
          "BROKER_NOT_FOUND",
          "There is no broker " + broker,
          "The brokers are " + cluster.brokers() + ".");
    }
    Optional<ServerState> server = cluster.serverOf(broker);
    if (server.isEmpty() || server.get().http().isEmpty()) {
      return problem(
          HttpStatus.SERVICE_UNAVAILABLE,
          "NOT_SERVING",
          "No server serves broker " + broker + " at the moment",
          "Ask again in some seconds; './mq cluster info' tells who serves what.");
    }
    return send(server.get(), broker, request, body);
  }

  private HttpRequest forwarded(
      ServerState server, String broker, HttpServletRequest request, byte[] body) {
    StringBuilder query = new StringBuilder();
    for (Map.Entry<String, String[]> parameter : request.getParameterMap().entrySet()) {
      if (!parameter.getKey().equals(Doors.BROKER)) {
        for (String value : parameter.getValue()) {
          query.append(encode(parameter.getKey())).append('=').append(encode(value)).append('&');
        }
      }
    }
    query.append(Doors.BROKER).append('=').append(encode(broker));
    URI uri =
        URI.create(peers.scheme() + "://" + server.http() + request.getRequestURI() + "?" + query);
    HttpRequest.Builder forwarded =
        HttpRequest.newBuilder(uri)
            .timeout(PeerConnection.PATIENCE)
            .header("Content-Type", "application/json")
            .method(request.getMethod(), BodyPublishers.ofByteArray(body));
    String user = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (user != null) {
      forwarded.header(HttpHeaders.AUTHORIZATION, user);
    }
    return forwarded.build();
  }

  private Answer send(ServerState server, String broker, HttpServletRequest request, byte[] body)
      throws IOException {
    try {
      HttpResponse<String> answer =
          peers.http().send(forwarded(server, broker, request, body), BodyHandlers.ofString());
      return new Answer(
          answer.statusCode(),
          answer.headers().firstValue("Content-Type").orElse("application/json"),
          answer.body());
    } catch (IOException e) {
      return absent(server, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static Answer absent(ServerState server, IOException e) {
    return problem(
        HttpStatus.BAD_GATEWAY,
        "NOT_SERVING",
        "Server " + server.name() + " at " + server.http() + " does not answer: " + e,
        "Ask again in some seconds: another server takes its brokers over if it is gone.");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static Answer problem(HttpStatus status, String code, String detail, String hint) {
    Map<String, Object> problem =
        Map.of("status", status.value(), "code", code, "detail", detail, "hint", hint);
    return new Answer(status.value(), "application/problem+json", JSON.writeValueAsString(problem));
  }

  private static void write(HttpServletResponse response, Answer answer) throws IOException {
    response.setStatus(answer.status());
    response.setContentType(answer.type());
    response.getOutputStream().write(answer.body().getBytes(StandardCharsets.UTF_8));
  }
}
