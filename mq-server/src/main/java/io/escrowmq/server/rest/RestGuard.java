package io.escrowmq.server.rest;

import io.escrowmq.node.RunningServer;
import io.escrowmq.server.NodeLifecycle;
import io.escrowmq.server.settings.EscrowSettings;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.protocol.security.Resource;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks who uses the REST API where the broker asks its clients: the same users, name and secret by
 * HTTP Basic. The API is for super users; metrics are for whoever may look at the cluster; health,
 * without its details, is for everybody.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
final class RestGuard extends OncePerRequestFilter {

  private static final String BASIC = "Basic ";
  private static final String HEALTH = "/actuator/health";

  /** For every known user; which transactions, {@link CheckController} knows. */
  private static final String CHECKS = "/api/v1/checks/";

  private static final String ACTUATOR = "/actuator";
  private static final Set<Action> LOOK = Set.of(Action.GET, Action.LIST);
  private static final JsonMapper JSON = new JsonMapper();

  private final NodeLifecycle lifecycle;
  private final boolean enforced;

  RestGuard(NodeLifecycle lifecycle, EscrowSettings settings) {
    this.lifecycle = lifecycle;
    this.enforced = settings.security().enabled();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getServletPath();
    if (!enforced || path.equals(HEALTH) || path.startsWith(HEALTH + "/")) {
      chain.doFilter(request, response);
      return;
    }
    RunningServer running = lifecycle.runningNow();
    if (running == null) {
      refuse(
          response,
          HttpStatus.SERVICE_UNAVAILABLE,
          "NOT_SERVING",
          "The server is not ready, and cannot know you yet",
          "Ask again when it is.");
      return;
    }
    Authority authority = running.door().authority();
    Optional<Principal> user = user(authority, request.getHeader(HttpHeaders.AUTHORIZATION));
    if (user.isEmpty()) {
      response.setHeader(
          HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"EscrowMQ\", charset=\"UTF-8\"");
      refuse(
          response,
          HttpStatus.UNAUTHORIZED,
          "NOT_AUTHENTICATED",
          "This server asks who its users are: the name or the secret is missing or wrong",
          "Send HTTP Basic authentication (command line: MQ_USER and MQ_SECRET).");
      return;
    }
    Optional<String> refusal = refusal(user.get(), running, path, request.getRemoteAddr());
    if (refusal.isPresent()) {
      refuse(
          response,
          HttpStatus.FORBIDDEN,
          "NO_PERMISSION",
          refusal.get(),
          "Ask as a super user, for example escrowmq.security.admin-user.");
      return;
    }
    request.setAttribute(OperatorName.USER, user.get().name());
    request.setAttribute(CheckController.PRINCIPAL, user.get());
    chain.doFilter(request, response);
  }

  private static Optional<Principal> user(Authority authority, @Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return Optional.empty();
    }
    String pair;
    try {
      byte[] decoded = Base64.getDecoder().decode(header.substring(BASIC.length()).strip());
      pair = new String(decoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int colon = pair.indexOf(':');
    return colon < 0
        ? Optional.empty()
        : authority
            .principal(pair.substring(0, colon))
            .filter(known -> known.knows(pair.substring(colon + 1)));
  }

  private static Optional<String> refusal(
      Principal user, RunningServer running, String path, String from) {
    if (user.superUser() || path.startsWith(CHECKS)) {
      return Optional.empty();
    }
    if (!path.equals(ACTUATOR) && !path.startsWith(ACTUATOR + "/")) {
      return Optional.of(
          "User " + user.name() + " is no super user, and the REST API is for those");
    }
    Need look = new Need(Resource.cluster(running.settings().broker().cluster()), LOOK);
    return user.refusal(look, InetAddress.ofLiteral(from));
  }

  private static void refuse(
      HttpServletResponse response, HttpStatus status, String code, String detail, String hint)
      throws IOException {
    response.setStatus(status.value());
    response.setContentType("application/problem+json");
    Map<String, Object> problem =
        Map.of("status", status.value(), "code", code, "detail", detail, "hint", hint);
    response
        .getOutputStream()
        .write(JSON.writeValueAsString(problem).getBytes(StandardCharsets.UTF_8));
  }
}
