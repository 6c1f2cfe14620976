package io.escrowmq.server.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Who decides by hand: the user that was authenticated; where nobody is, the name that the request
 * gives.
 */
@Component
final class OperatorName {

  /** Where {@link RestGuard} leaves the name of the user that it knows. */
  static final String USER = "io.escrowmq.user";

  private static final Pattern NAME =
      Pattern.compile("[^@\\s\\p{Cntrl}]{1,60}@[^@\\s\\p{Cntrl}]{1,60}");

  private final HttpServletRequest request;

  /**
   * For all requests.
   *
   * @param request stands for the one that the current thread works on
   */
  OperatorName(HttpServletRequest request) {
    this.request = request;
  }

  /**
   * The operator of the current request.
   *
   * @param named as the request says, for example {@code ann@desk-7}
   */
  String of(@Nullable String named) {
    if (request.getAttribute(USER) instanceof String user) {
      if (named != null && !named.equals(user)) {
        throw refusal(
            "You are " + user + ", and cannot decide as " + named,
            "Leave 'operator' out: the authenticated user is the operator.");
      }
      return user;
    }
    if (named == null || !NAME.matcher(named).matches()) {
      throw refusal(
          "A decision by hand needs to know who makes it, and this server does not ask its users",
          "Send 'operator' as name@host, for example {\"operator\":\"ann@desk-7\","
              + "\"reason\":\"ticket 7\"}.");
    }
    return named;
  }

  private static ApiException refusal(String text, String hint) {
    return new ApiException(HttpStatus.BAD_REQUEST, "INVALID_PARAMETER", text, hint);
  }
}
