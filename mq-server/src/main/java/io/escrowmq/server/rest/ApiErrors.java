package io.escrowmq.server.rest;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.StorageException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Every error as problem+json (RFC 9457) with {@code code} and {@code hint}. */
@RestControllerAdvice
final class ApiErrors extends ResponseEntityExceptionHandler {

  private static final Logger log = LoggerFactory.getLogger(ApiErrors.class);

  @ExceptionHandler
  ProblemDetail broker(BrokerException e) {
    return problem(status(e.code()), e.code().name(), text(e), e.remedy());
  }

  @ExceptionHandler
  ProblemDetail storage(StorageException e) {
    HttpStatus status =
        e.kind() == StorageException.Kind.USER
            ? HttpStatus.BAD_REQUEST
            : HttpStatus.SERVICE_UNAVAILABLE;
    return problem(status, "STORE_" + e.kind(), text(e), e.remedy());
  }

  @ExceptionHandler
  ProblemDetail api(ApiException e) {
    return problem(e.status(), e.code(), text(e), e.hint());
  }

  @ExceptionHandler
  ProblemDetail unexpected(RuntimeException e) {
    log.error("request failed", e);
    return problem(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "INTERNAL",
        "The request failed: " + e.getClass().getSimpleName(),
        "The server's log has the details.");
  }

  @Override
  protected ResponseEntity<Object> createResponseEntity(
      @org.jspecify.annotations.Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    if (body instanceof ProblemDetail problem) {
      problem.setProperty("code", "INVALID_REQUEST");
      problem.setProperty("hint", "docs/operating/running.md describes the REST API.");
    }
    return super.createResponseEntity(body, headers, status, request);
  }

  private static ProblemDetail problem(HttpStatus status, String code, String text, String hint) {
    ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, text);
    problem.setProperty("code", code);
    problem.setProperty("hint", hint);
    return problem;
  }

  private static HttpStatus status(ErrorCode code) {
    return switch (code) {
      case TOPIC_NOT_FOUND,
          GROUP_NOT_FOUND,
          MESSAGE_NOT_FOUND,
          SUBSCRIPTION_NOT_FOUND,
          TRANSACTION_NOT_FOUND ->
          HttpStatus.NOT_FOUND;
      case MESSAGE_ILLEGAL, INVALID_PARAMETER, FILTER_INVALID -> HttpStatus.BAD_REQUEST;
      case NO_PERMISSION -> HttpStatus.FORBIDDEN;
      case ILLEGAL_OPERATION,
          SUBSCRIPTION_NOT_LATEST,
          CONSUMER_NOT_ONLINE,
          TRANSACTION_DUPLICATE,
          TRANSACTION_DECIDED ->
          HttpStatus.CONFLICT;
      case OVERLOADED, THROTTLED -> HttpStatus.TOO_MANY_REQUESTS;
      case STORE_FULL -> HttpStatus.INSUFFICIENT_STORAGE;
      case STORE_UNAVAILABLE, NOT_SERVING -> HttpStatus.SERVICE_UNAVAILABLE;
      case ADDRESS_IN_USE, INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }

  private static String text(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }
}
