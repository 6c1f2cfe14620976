package io.escrowmq.samples.bank;

import java.io.Serial;

/**
 * The demo cannot go on. The message says what happened and why, {@link #whatToDo()} says what to
 * do next.
 */
final class DemoFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final String whatToDo;

  DemoFailure(String whatAndWhy, String whatToDo) {
    super(whatAndWhy);
    this.whatToDo = whatToDo;
  }

  DemoFailure(String whatAndWhy, String whatToDo, Throwable cause) {
    super(whatAndWhy, cause);
    this.whatToDo = whatToDo;
  }

  String whatToDo() {
    return whatToDo;
  }
}
