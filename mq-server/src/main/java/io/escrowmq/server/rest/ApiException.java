package io.escrowmq.server.rest;

import org.springframework.http.HttpStatus;

/** A refusal of the REST API itself. */
final class ApiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final String code;
  private final String hint;

  /**
   * A refusal.
   *
   * @param code stable, for programs
   * @param message what happened and why
   * @param hint what to do next
   */
  ApiException(HttpStatus status, String code, String message, String hint) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }

  HttpStatus status() {
    return status;
  }

  String code() {
    return code;
  }

  String hint() {
    return hint;
  }
}
